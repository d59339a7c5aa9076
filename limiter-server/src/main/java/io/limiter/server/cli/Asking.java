package io.limiter.server.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.option.OptionTypes;
import io.limiter.server.cli.option.QuestionTypes;
import io.limiter.server.cli.text.AnswerText;
import io.limiter.server.cli.text.Look;
import io.limiter.server.cli.text.MistakeText;
import io.limiter.server.program.Logs;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A command that asks a running service about one request. */
abstract class Asking implements Callable<Integer> {
  static final int EXIT_DENIED = 1;

  @Mixin private final Subject subject = new Subject();

  @Option(
      names = "--cost",
      paramLabel = "N",
      converter = QuestionTypes.Cost.class,
      description = "The request's cost for rules that count requests; 0 looks. Default: 1.")
  private long cost = 1;

  @Option(
      names = "--unit-cost",
      paramLabel = "UNIT=N",
      converter = QuestionTypes.UnitCost.class,
      description = "Its cost for rules that count UNIT, such as tokens=1500. May be repeated.")
  private List<Map.Entry<String, Long>> unitCosts = new ArrayList<>();

  @Option(
      names = "--priority",
      paramLabel = "NAME",
      description = "Which of the rules' priorities the request is of. Default: none.")
  private String priority = "";

  @Mixin private final ServiceCall service = new ServiceCall();

  @Option(
      names = "--json",
      paramLabel = "true|false",
      arity = "0..1",
      fallbackValue = "true",
      converter = OptionTypes.Switch.class,
      description = "Print the answer as JSON.")
  private boolean json;

  @Mixin private final Console console = new Console();

  /** The question that is sent. */
  abstract CheckAndConsumeRequest question(CheckAndConsumeRequest.Builder of);

  /** What the answer says of the request. */
  abstract Said said(CheckAndConsumeResponse answer);

  /** A text for people, and whether the request is admitted. */
  record Said(String text, boolean admitted) {
    Said(Look look) {
      this(AnswerText.of(look), look.admits());
    }
  }

  @Override
  public final Integer call() throws InvalidProtocolBufferException {
    Logs.configure(false);
    CheckAndConsumeRequest question =
        question(
            CheckAndConsumeRequest.newBuilder()
                .setDomain(subject.domain())
                .setPriority(priority)
                .putAllAttributes(subject.attributes(console)));
    Optional<CheckAndConsumeResponse> answered =
        service.ask(stub -> stub.checkAndConsume(question), console);
    if (answered.isEmpty()) {
      return Main.EXIT_USAGE;
    }
    CheckAndConsumeResponse answer = answered.get();
    Said said = said(answer);
    boolean unknown = answer.getSource() == Source.UNKNOWN_DOMAIN;
    if (json) {
      console.out().println(JsonFormat.printer().alwaysPrintFieldsWithNoPresence().print(answer));
    } else if (!unknown) {
      console.out().println(said.text);
    }
    if (unknown) {
      String happened = answer.getAllowed() ? "admitted unchecked" : "denied";
      if (!service.isUnknown(subject.domain(), happened, console)) {
        console.complain(
            "%s: domain \"%s\" was unknown when asked; ask again"
                .formatted(happened, subject.domain()));
      }
      return Main.EXIT_USAGE;
    }
    MistakeText.uncountedUnits(unitCosts().keySet(), answer).forEach(console::complain);
    return said.admitted ? 0 : EXIT_DENIED;
  }

  final long cost() {
    return cost;
  }

  /** By the unit's name; of a unit given twice, the last. */
  final Map<String, Long> unitCosts() {
    Map<String, Long> costs = new LinkedHashMap<>();
    unitCosts.forEach(entry -> costs.put(entry.getKey(), entry.getValue()));
    return costs;
  }
}
