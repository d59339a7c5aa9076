package io.limiter.server.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.limiter.server.access.file.SecretsFile;
import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.console.VersionText;
import io.limiter.server.cli.option.OptionTypes;
import io.limiter.server.cli.text.ExplanationText;
import io.limiter.server.key.ValueHash;
import io.limiter.server.program.Logs;
import io.limiter.server.program.OfflineExplain;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.ExplainResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says which rules apply to a request and why: those of a directory, or those of a service. */
@Command(
    name = "explain",
    description =
        "Says which rules apply to a request, which do not and why, and where their counters stand."
            + " Charges nothing.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:explained",
      "2:a flag is wrong, the domain is unknown, or there was no answer"
    })
final class Explain implements Callable<Integer> {
  private static final int EXIT_ERROR = 2;

  @Mixin private final Subject subject = new Subject();

  @Option(
      names = "--rules",
      paramLabel = "DIR",
      description = "Directory of rules. Default: those of the service at --target.")
  private @Nullable Path rules;

  @Option(
      names = "--redis",
      paramLabel = "URI",
      converter = OptionTypes.Redis.class,
      description = "With --rules: whose counters are looked at. Default: none is asked.")
  private @Nullable String redis;

  @Option(
      names = "--secrets",
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "With --rules: file of secrets that the service is run with. Default: none.")
  private @Nullable Path secrets;

  @Mixin private final ServiceCall service = new ServiceCall();

  @Option(
      names = "--json",
      paramLabel = "true|false",
      arity = "0..1",
      fallbackValue = "true",
      converter = OptionTypes.Switch.class,
      description = "Print the explanation as JSON.")
  private boolean json;

  @Mixin private final Console console = new Console();

  @Override
  public Integer call() throws InvalidProtocolBufferException {
    Logs.configure(false);
    Path directory = rules;
    ExplainRequest question = question();
    Optional<ExplainResponse> answer =
        directory == null
            ? service.ask(stub -> stub.explain(question), console)
            : offline(directory, question);
    if (answer.isEmpty()) {
      return EXIT_ERROR;
    }
    console
        .out()
        .println(
            json
                ? JsonFormat.printer().alwaysPrintFieldsWithNoPresence().print(answer.get())
                : ExplanationText.of(subject.domain(), answer.get()));
    return answer.get().getKnownDomain() ? 0 : EXIT_ERROR;
  }

  /** Explains the rules of a directory. Empty after it printed why it cannot. */
  private Optional<ExplainResponse> offline(Path directory, ExplainRequest question) {
    Optional<LoadedRules> loaded = RulesDirectory.load(directory, "--rules", console);
    if (loaded.isEmpty()) {
      return Optional.empty();
    }
    loaded.get().problems().forEach(problem -> console.complain(problem.toString()));
    if (isFaulty(loaded.get())) {
      console.complain(
          "domain %s has problems, so there is nothing to explain; mend them first"
              .formatted(subject.domain()));
      return Optional.empty();
    }
    RuleTable table = LiveRules.fixed(loaded.get(), Clock.systemUTC()).get();
    try {
      ValueHash values = secrets == null ? ValueHash.PLAIN : SecretsFile.values(secrets);
      return Optional.of(
          redis == null
              ? OfflineExplain.explain(table, question, values)
              : OfflineExplain.explain(table, question, values, redis, service.deadline()));
    } catch (IOException e) {
      console.complain(String.valueOf(e.getMessage()));
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      console.complain("interrupted");
      return Optional.empty();
    }
  }

  private boolean isFaulty(LoadedRules loaded) {
    return loaded.files().stream()
        .anyMatch(
            file -> !file.good() && file.domain().filter(subject.domain()::equals).isPresent());
  }

  private ExplainRequest question() {
    ExplainRequest.Builder question = ExplainRequest.newBuilder().setDomain(subject.domain());
    subject
        .entries(console)
        .forEach(
            attribute ->
                question
                    .addEntriesBuilder()
                    .setKey(attribute.getKey())
                    .setValue(attribute.getValue()));
    return question.build();
  }
}
