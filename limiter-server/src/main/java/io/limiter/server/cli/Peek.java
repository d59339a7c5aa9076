package io.limiter.server.cli;

import io.limiter.server.cli.console.VersionText;
import io.limiter.server.cli.text.Look;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import picocli.CommandLine.Command;

/** Looks at what a request would be told, and charges nothing. */
@Command(
    name = "peek",
    description = "Asks a running service whether a request would go ahead. Charges nothing.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it would be admitted",
      "1:it would be denied",
      "2:a flag is wrong, the domain is unknown, or the service gave no answer"
    })
final class Peek extends Asking {

  @Override
  CheckAndConsumeRequest question(CheckAndConsumeRequest.Builder of) {
    return of.setCost(0).build();
  }

  @Override
  Said said(CheckAndConsumeResponse answer) {
    return new Said(new Look(answer, cost(), unitCosts()));
  }
}
