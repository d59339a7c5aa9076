package io.limiter.server.cli;

import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.console.VersionText;
import io.limiter.server.program.Logs;
import io.limiter.server.rules.live.RulesText;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.ResetResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Forgets counters of a running service. */
@Command(
    name = "reset",
    description = "Forgets the counters that the attributes select, as if never charged.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:there was no such counter",
      "2:a flag is wrong, the domain is unknown, or the service gave no answer"
    })
final class Reset implements Callable<Integer> {
  private static final int EXIT_NOTHING = 1;

  @Mixin private final Subject subject = new Subject();

  @Option(
      names = "--rule",
      paramLabel = "NAME",
      description = "Only this rule's counter. May be repeated. Default: of all that apply.")
  private List<String> rules = new ArrayList<>();

  @Mixin private final ServiceCall service = new ServiceCall();
  @Mixin private final Console console = new Console();

  @Override
  public Integer call() {
    Logs.configure(false);
    ResetRequest question =
        ResetRequest.newBuilder()
            .setDomain(subject.domain())
            .putAllAttributes(subject.attributes(console))
            .addAllRules(rules)
            .build();
    Optional<ResetResponse> answer = service.ask(stub -> stub.reset(question), console);
    if (answer.isEmpty()) {
      return Main.EXIT_USAGE;
    }
    int counters = answer.get().getCountersReset();
    if (counters == 0 && service.isUnknown(subject.domain(), "nothing reset", console)) {
      return Main.EXIT_USAGE;
    }
    console.out().println(RulesText.count(counters, "counter") + " reset");
    return counters == 0 ? EXIT_NOTHING : 0;
  }
}
