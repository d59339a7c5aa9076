package io.limiter.server.cli;

import com.google.protobuf.ByteString;
import io.limiter.server.cli.option.QuestionTypes;
import io.limiter.server.program.Logs;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.RefundResponse;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Gives back what an admitted request was charged. */
@Command(
    name = "refund",
    description = "Gives back what a request was charged, once for each receipt.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:given back",
      "1:it was given back before, or nothing of it counts any more",
      "2:a flag or the receipt is wrong, or the service gave no answer"
    })
final class Refund implements Callable<Integer> {
  private static final int EXIT_NOTHING = 1;

  @Parameters(
      paramLabel = "RECEIPT",
      converter = QuestionTypes.ReceiptBytes.class,
      description = "As \"limiter check --receipt\" prints it, or its JSON.")
  private ByteString receipt = ByteString.EMPTY;

  @Mixin private final ServiceCall service = new ServiceCall();
  @Mixin private final Console console = new Console();

  @Override
  public Integer call() {
    Logs.configure(false);
    RefundRequest question = RefundRequest.newBuilder().setReceipt(receipt).build();
    Optional<RefundResponse> answer = service.ask(stub -> stub.refund(question), console);
    if (answer.isEmpty()) {
      return Main.EXIT_USAGE;
    }
    boolean refunded = answer.get().getRefunded();
    console
        .out()
        .println(
            refunded
                ? "given back"
                : "not given back: it was given back before, or nothing of it counts any more");
    return refunded ? 0 : EXIT_NOTHING;
  }
}
