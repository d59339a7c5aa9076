package io.limiter.server.cli;

import com.google.common.net.HostAndPort;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.limiter.server.program.Logs;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks a running service one question. */
@Command(
    name = "check",
    description = "Asks a running service whether a request may go ahead, and charges it if so.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
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
    CheckAndConsumeRequest question = question();
    Optional<CheckAndConsumeResponse> answer =
        new ServiceCall(target, deadline)
            .ask(service -> service.checkAndConsume(question), console);
    if (answer.isEmpty()) {
      return EXIT_ERROR;
    }
    print(answer.get());
    return answer.get().getAllowed() ? 0 : EXIT_DENIED;
  }

  private CheckAndConsumeRequest question() {
    CheckAndConsumeRequest.Builder question =
        CheckAndConsumeRequest.newBuilder().setDomain(domain).setCost(cost);
    Attributes.of(attributes, console)
        .forEach(attribute -> question.putAttributes(attribute.getKey(), attribute.getValue()));
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
}
