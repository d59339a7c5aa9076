package io.limiter.server.cli;

import com.google.common.net.HostAndPort;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks a running service one question. */
@Command(
    name = "check",
    description = "Asks a running service whether a request may go ahead, and charges it if so.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:admitted", "1:denied", "2:a flag is wrong, or the service gave no answer"})
final class Check implements Callable<Integer> {
  private static final int EXIT_DENIED = 1;
  private static final int EXIT_ERROR = 2;

  @Option(
      names = "--domain",
      required = true,
      paramLabel = "NAME",
      description = "Which set of rules.")
  private String domain = "";

  @Option(
      names = "--cost",
      paramLabel = "N",
      converter = OptionTypes.Cost.class,
      description = "Charged to rules that count requests; 0 looks. Default: 1.")
  private long cost = 1;

  @Option(
      names = "--unit-cost",
      paramLabel = "UNIT=N",
      converter = OptionTypes.UnitCost.class,
      description = "Charged to rules that count UNIT, such as tokens=1500. May be repeated.")
  private List<Map.Entry<String, Long>> unitCosts = new ArrayList<>();

  @Option(
      names = "--target",
      paramLabel = "HOST:PORT",
      converter = OptionTypes.Target.class,
      description = "Where the service is. Default: 127.0.0.1:8081.")
  private HostAndPort target = HostAndPort.fromParts("127.0.0.1", 8081);

  @Option(
      names = "--deadline",
      paramLabel = "TIME",
      converter = OptionTypes.Deadline.class,
      description = "Longest wait for the answer, 1ms to 1m. Default: 2s.")
  private Duration deadline = Duration.ofSeconds(2);

  @Option(
      names = "--json",
      paramLabel = "true|false",
      arity = "0..1",
      fallbackValue = "true",
      converter = OptionTypes.Switch.class,
      description = "Print the answer as JSON.")
  private boolean json;

  @Parameters(
      paramLabel = "KEY=VALUE",
      arity = "0..*",
      description = "The request's attributes, such as user=alice.")
  private List<String> attributes = new ArrayList<>();

  @Mixin private final Console console = new Console();

  @Override
  public Integer call() throws InvalidProtocolBufferException {
    Logs.configure(false);
    ManagedChannel channel =
        Grpc.newChannelBuilderForAddress(
                target.getHost(), target.getPort(), InsecureChannelCredentials.create())
            .build();
    try {
      CheckAndConsumeResponse answer =
          RateLimiterGrpc.newBlockingStub(channel)
              .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS)
              .checkAndConsume(question());
      print(answer);
      return answer.getAllowed() ? 0 : EXIT_DENIED;
    } catch (StatusRuntimeException e) {
      console.complain(failure(e));
      return EXIT_ERROR;
    } finally {
      channel.shutdownNow();
    }
  }

  private CheckAndConsumeRequest question() {
    CheckAndConsumeRequest.Builder question =
        CheckAndConsumeRequest.newBuilder().setDomain(domain).setCost(cost);
    for (String attribute : attributes) {
      int equals = attribute.indexOf('=');
      if (equals < 1) {
        throw console.refusal(
            "\"%s\" is not KEY=VALUE; write for example user=alice".formatted(attribute));
      }
      question.putAttributes(attribute.substring(0, equals), attribute.substring(equals + 1));
    }
    unitCosts.forEach(entry -> question.putUnitCosts(entry.getKey(), entry.getValue()));
    return question.build();
  }

  private void print(CheckAndConsumeResponse answer) throws InvalidProtocolBufferException {
    console
        .out()
        .println(
            json
                ? JsonFormat.printer().alwaysPrintFieldsWithNoPresence().print(answer)
                : AnswerText.of(answer));
  }

  private String failure(StatusRuntimeException e) {
    Status status = e.getStatus();
    return switch (status.getCode()) {
      case UNAVAILABLE ->
          status.getCause() == null
              ? "%s cannot decide now: %s".formatted(target, status.getDescription())
              : "no answer from %s: %s; start it with \"limiter serve\", or name another with --target"
                  .formatted(target, root(status.getCause()).getMessage());
      case DEADLINE_EXCEEDED ->
          "no answer from %s within %d ms; wait longer with --deadline, or look at its log"
              .formatted(target, deadline.toMillis());
      default ->
          "%s refused the question: %s: %s"
              .formatted(target, status.getCode(), status.getDescription());
    };
  }

  private static Throwable root(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure : root(cause);
  }
}
