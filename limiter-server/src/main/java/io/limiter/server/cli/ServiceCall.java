package io.limiter.server.cli;

import com.google.common.net.HostAndPort;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.option.CallTlsOptions;
import io.limiter.server.cli.option.OptionTypes;
import io.limiter.server.cli.option.QuestionTypes;
import io.limiter.server.cli.option.TokenOptions;
import io.limiter.server.cli.text.CallFailureText;
import io.limiter.server.cli.text.MistakeText;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.ExplainResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A call of a running service, and where it is. Mixed into each command that asks one. */
@Command
final class ServiceCall {
  @Option(
      names = "--target",
      paramLabel = "HOST:PORT",
      converter = QuestionTypes.Target.class,
      description = "Where the service is. Default: 127.0.0.1:8081.")
  private HostAndPort target = HostAndPort.fromParts("127.0.0.1", 8081);

  @Option(
      names = "--deadline",
      paramLabel = "TIME",
      converter = OptionTypes.Deadline.class,
      description = "Longest wait for the answer, 1ms to 1m. Default: 2s.")
  private Duration deadline = Duration.ofSeconds(2);

  @Mixin private final CallTlsOptions tls = new CallTlsOptions();
  @Mixin private final TokenOptions token = new TokenOptions();

  HostAndPort target() {
    return target;
  }

  Duration deadline() {
    return deadline;
  }

  /** The response. Empty after it printed why there is none. */
  <T> Optional<T> ask(
      Function<RateLimiterGrpc.RateLimiterBlockingStub, T> question, Console console) {
    return ask(
        question,
        console,
        failure -> console.complain(CallFailureText.of(target, deadline, failure)));
  }

  /**
   * Whether the service knows no such domain. Then it has printed so.
   *
   * @param happened what became of the question
   */
  boolean isUnknown(String domain, String happened, Console console) {
    ExplainRequest question = ExplainRequest.newBuilder().setDomain(domain).build();
    Optional<ExplainResponse> told = ask(stub -> stub.explain(question), console, failure -> {});
    if (told.isEmpty() || told.get().getKnownDomain()) {
      return false;
    }
    console.complain(
        MistakeText.unknownDomain(
            happened, domain, target.toString(), told.get().getNearestDomain()));
    return true;
  }

  private <T> Optional<T> ask(
      Function<RateLimiterGrpc.RateLimiterBlockingStub, T> question,
      Console console,
      Consumer<Status> failed) {
    String shown = token.token(OptionSources.environment(console.command()));
    ManagedChannel channel =
        Grpc.newChannelBuilderForAddress(target.getHost(), target.getPort(), tls.credentials())
            .build();
    try {
      RateLimiterGrpc.RateLimiterBlockingStub stub =
          RateLimiterGrpc.newBlockingStub(channel)
              .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS);
      return Optional.of(question.apply(shown.isEmpty() ? stub : showing(shown, stub)));
    } catch (StatusRuntimeException e) {
      failed.accept(e.getStatus());
      return Optional.empty();
    } finally {
      channel.shutdownNow();
    }
  }

  private static RateLimiterGrpc.RateLimiterBlockingStub showing(
      String token, RateLimiterGrpc.RateLimiterBlockingStub stub) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }
}
