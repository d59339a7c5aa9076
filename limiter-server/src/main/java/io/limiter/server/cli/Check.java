package io.limiter.server.cli;

import io.limiter.server.cli.console.VersionText;
import io.limiter.server.cli.option.OptionTypes;
import io.limiter.server.cli.text.AnswerText;
import io.limiter.server.cli.text.Look;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Asks a running service one question. */
@Command(
    name = "check",
    description = "Asks a running service whether a request may go ahead, and charges it if so.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:admitted",
      "1:denied",
      "2:a flag is wrong, the domain is unknown, or the service gave no answer"
    })
final class Check extends Asking {
  @Option(
      names = "--receipt",
      paramLabel = "true|false",
      arity = "0..1",
      fallbackValue = "true",
      converter = OptionTypes.Switch.class,
      description = "Print a receipt too, for \"limiter refund\". Default: false.")
  private boolean receipt;

  @Option(
      names = "--hold",
      paramLabel = "TIME",
      converter = OptionTypes.Hold.class,
      description = "Hold the cost for so long, until \"limiter settle\". Default: charge it.")
  private Duration hold = Duration.ZERO;

  @Override
  CheckAndConsumeRequest question(CheckAndConsumeRequest.Builder of) {
    of.setCost(cost()).putAllUnitCosts(unitCosts()).setWantReceipt(receipt);
    return hold.isZero() ? of.build() : of.setHold(message(hold)).build();
  }

  static com.google.protobuf.Duration message(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  @Override
  Said said(CheckAndConsumeResponse answer) {
    return looks()
        ? new Said(new Look(answer, 1, Map.of()))
        : new Said(AnswerText.of(answer), answer.getAllowed());
  }

  /** A question that costs nothing is admitted by a counter that would admit no request. */
  private boolean looks() {
    return cost() == 0 && unitCosts().values().stream().allMatch(units -> units == 0);
  }
}
