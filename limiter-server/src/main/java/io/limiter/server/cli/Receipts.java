package io.limiter.server.cli;

import com.google.protobuf.ByteString;
import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.console.VersionText;
import io.limiter.server.cli.option.OptionTypes;
import io.limiter.server.cli.option.QuestionTypes;
import io.limiter.server.cli.text.HoldText;
import io.limiter.server.program.Logs;
import io.limiter.v1.ExtendRequest;
import io.limiter.v1.ExtendResponse;
import io.limiter.v1.HoldEnd;
import io.limiter.v1.RateLimiterGrpc.RateLimiterBlockingStub;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.ReleaseRequest;
import io.limiter.v1.SettleRequest;
import io.limiter.v1.SettleResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands about what a request charged or holds, by its receipt. */
@Command(
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n")
abstract class Receipts implements Callable<Integer> {
  private static final int EXIT_NOTHING = 1;

  @Parameters(
      paramLabel = "RECEIPT",
      converter = QuestionTypes.ReceiptBytes.class,
      description = "As \"limiter check --receipt\" or \"--hold\" prints it, or its JSON.")
  private ByteString receipt = ByteString.EMPTY;

  @Mixin private final ServiceCall service = new ServiceCall();
  @Mixin private final Console console = new Console();

  /**
   * What became of it.
   *
   * @param done whether it was done as it was asked
   */
  record Said(String text, boolean done) {}

  /** Asks the service. */
  abstract Said ask(RateLimiterBlockingStub stub, ByteString receipt);

  @Override
  public final Integer call() {
    Logs.configure(false);
    Optional<Said> said = service.ask(stub -> ask(stub, receipt), console);
    if (said.isEmpty()) {
      return Main.EXIT_USAGE;
    }
    console.out().println(said.get().text);
    return said.get().done ? 0 : EXIT_NOTHING;
  }

  /** Gives back what an admitted request was charged. */
  @Command(
      name = "refund",
      description = "Gives back what a request was charged, once for each receipt.",
      exitCodeList = {
        "0:given back",
        "1:it was given back before, or nothing of it counts any more",
        "2:a flag or the receipt is wrong, or the service gave no answer"
      })
  static final class Refund extends Receipts {
    @Override
    Said ask(RateLimiterBlockingStub stub, ByteString receipt) {
      boolean refunded =
          stub.refund(RefundRequest.newBuilder().setReceipt(receipt).build()).getRefunded();
      return new Said(
          refunded
              ? "given back"
              : "not given back: it was given back before, or nothing of it counts any more",
          refunded);
    }
  }

  /** Puts what was really used in the place of what is held. */
  @Command(
      name = "settle",
      description = "Ends what a request holds by what was really used, once for each receipt.",
      exitCodeList = {
        "0:charged, also if the hold had ended by itself",
        "1:not charged: the hold was ended before, or is not known",
        "2:a flag or the receipt is wrong, or the service gave no answer"
      })
  static final class Settle extends Receipts {
    @Option(
        names = "--cost",
        paramLabel = "N",
        converter = QuestionTypes.Cost.class,
        description = "What was used, of rules that count requests. Default: 1.")
    private long cost = 1;

    @Option(
        names = "--unit-cost",
        paramLabel = "UNIT=N",
        converter = QuestionTypes.UnitCost.class,
        description = "What was used of UNIT, such as tokens=812. May be repeated.")
    private List<Map.Entry<String, Long>> unitCosts = new ArrayList<>();

    @Override
    Said ask(RateLimiterBlockingStub stub, ByteString receipt) {
      SettleResponse answer =
          stub.settle(
              SettleRequest.newBuilder()
                  .setReceipt(receipt)
                  .setCost(cost)
                  .putAllUnitCosts(byUnit(unitCosts))
                  .build());
      return new Said(
          HoldText.settled(answer),
          answer.getEnd() == HoldEnd.ENDED || answer.getEnd() == HoldEnd.EXPIRED);
    }
  }

  /** Ends what is held as if nothing had been used. */
  @Command(
      name = "release",
      description = "Ends what a request holds, as if nothing had been used.",
      exitCodeList = {
        "0:released",
        "1:there was nothing to release: the hold had ended, or is not known",
        "2:a flag or the receipt is wrong, or the service gave no answer"
      })
  static final class Release extends Receipts {
    @Override
    Said ask(RateLimiterBlockingStub stub, ByteString receipt) {
      HoldEnd end = stub.release(ReleaseRequest.newBuilder().setReceipt(receipt).build()).getEnd();
      return new Said(HoldText.released(end), end == HoldEnd.ENDED);
    }
  }

  /** Renews what is held, and may ask for more of it. */
  @Command(
      name = "extend",
      description = "Renews what a request holds, and may ask for more of it.",
      exitCodeList = {
        "0:renewed, with all that was asked for",
        "1:not renewed: there is no room for more, or the hold has ended",
        "2:a flag or the receipt is wrong, or the service gave no answer"
      })
  static final class Extend extends Receipts {
    @Option(
        names = "--hold",
        paramLabel = "TIME",
        required = true,
        converter = OptionTypes.Hold.class,
        description = "For how long from now, at most as long as the rules say.")
    private Duration hold = Duration.ZERO;

    @Option(
        names = "--cost",
        paramLabel = "N",
        converter = QuestionTypes.Cost.class,
        description = "How much more, of rules that count requests. Default: 0.")
    private long cost;

    @Option(
        names = "--unit-cost",
        paramLabel = "UNIT=N",
        converter = QuestionTypes.UnitCost.class,
        description = "How much more of UNIT, such as tokens=500. May be repeated.")
    private List<Map.Entry<String, Long>> unitCosts = new ArrayList<>();

    @Override
    Said ask(RateLimiterBlockingStub stub, ByteString receipt) {
      ExtendResponse answer =
          stub.extend(
              ExtendRequest.newBuilder()
                  .setReceipt(receipt)
                  .setHold(Check.message(hold))
                  .setMoreCost(cost)
                  .putAllMoreUnitCosts(byUnit(unitCosts))
                  .build());
      return new Said(HoldText.extended(answer), answer.getExtended());
    }
  }

  /** By the unit's name; of a unit given twice, the last. */
  private static Map<String, Long> byUnit(List<Map.Entry<String, Long>> unitCosts) {
    Map<String, Long> costs = new LinkedHashMap<>();
    unitCosts.forEach(entry -> costs.put(entry.getKey(), entry.getValue()));
    return costs;
  }
}
