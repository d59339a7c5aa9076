package io.limiter.server.api;

import com.google.protobuf.ByteString;
import io.limiter.server.access.Asker;
import io.limiter.server.access.CallerLimits;
import io.limiter.server.access.Method;
import io.limiter.server.decide.ExplainQuestion;
import io.limiter.server.decide.Request;
import io.limiter.server.key.Receipt;
import io.limiter.server.rules.Quoted;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Observation;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAnyRequest;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.InlineRule;
import io.limiter.v1.ObserveRequest;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.ResetRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Checks requests and translates them. Every method throws an {@link InvalidRequestException} that
 * lists all violations at once. Safe to call from any thread.
 */
final class RequestReader {
  private final RequestLimits limits;

  RequestReader(RequestLimits limits) {
    this.limits = limits;
  }

  /**
   * A question that is a call of its own or an entry of a batch.
   *
   * @param who asks
   * @param waitNanos how long its caller waits
   */
  Request question(Asker who, CheckAndConsumeRequest wire, long waitNanos) {
    return question(who, wire, 0, waitNanos);
  }

  /** A question on a stream. It needs a request_id: responses come in any order. */
  Request streamQuestion(Asker who, CheckAndConsumeRequest wire) {
    return question(who, wire, 1, Charge.ANY_WAIT);
  }

  private Request question(
      Asker who, CheckAndConsumeRequest wire, int leastIdBytes, long waitNanos) {
    permit(who, wire);
    OwnBounds.take(who, 1, wire);
    Violations violations = new Violations();
    Request request = question(who, wire, leastIdBytes, waitNanos, violations);
    violations.throwIfAny();
    return request;
  }

  private static void permit(Asker who, CheckAndConsumeRequest wire) {
    who.require(Method.CHECK, wire.getDomain());
    if (wire.getInlineRulesCount() > 0) {
      who.require(Method.INLINE_RULES, wire.getDomain());
    }
  }

  /**
   * The questions of which one is charged, in their order.
   *
   * @param who asks
   * @param waitNanos how long their caller waits
   */
  List<Request> alternatives(Asker who, CheckAnyRequest wire, long waitNanos) {
    wire.getAlternativesList().forEach(one -> permit(who, one));
    if (wire.getAlternativesCount() == 0) {
      who.require(Method.CHECK);
    }
    OwnBounds.take(who, Math.max(1, wire.getAlternativesCount()), wire);
    Violations violations = new Violations();
    int count = wire.getAlternativesCount();
    int most = RequestLimits.MAX_ALTERNATIVES;
    if (count == 0 || count > most) {
      violations.add("alternatives", "has %d entries; use 1 to %d".formatted(count, most));
      violations.throwIfAny();
    }
    List<Request> requests = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      violations.in("alternatives[" + i + "]");
      CheckAndConsumeRequest one = wire.getAlternatives(i);
      requests.add(question(who, one, 0, waitNanos, violations));
      if (one.getIdempotencyKey().isEmpty()
          != wire.getAlternatives(0).getIdempotencyKey().isEmpty()) {
        violations.add(
            "idempotency_key",
            "is %s, unlike that of alternatives[0]; give one to each alternative or to none"
                .formatted(one.getIdempotencyKey().isEmpty() ? "empty" : "given"));
      }
    }
    violations.throwIfAny();
    return requests;
  }

  private Request question(
      Asker who,
      CheckAndConsumeRequest wire,
      int leastIdBytes,
      long waitNanos,
      Violations violations) {
    Map<String, String> attributes = wire.getAttributesMap();
    checkDomain(wire.getDomain(), violations);
    checkAttributes(attributes, violations);
    long cost = wire.hasCost() ? wire.getCost() : 1;
    violations.checkCount("cost", cost, 0);
    checkUnitCosts("unit_costs", wire.getUnitCostsMap(), violations);
    long hold = wire.hasHold() ? HoldReader.micros(wire.getHold(), violations) : 0;
    int id = RequestLimits.MAX_ID_BYTES;
    violations.checkBytes("request_id", wire.getRequestId(), leastIdBytes, id);
    violations.checkBytes("idempotency_key", wire.getIdempotencyKey(), 0, id);
    violations.checkBytes("priority", wire.getPriority(), 0, RequestLimits.MAX_NAME_BYTES);
    List<Rule> inline =
        wire.getInlineRulesCount() == 0
            ? List.of()
            : inlineRules(who.bounds(), wire.getInlineRulesList(), violations);
    return new Request(
        wire.getDomain(),
        attributes,
        cost,
        wire.getUnitCostsMap(),
        inline,
        wire.getWantReceipt(),
        who.own(wire.getIdempotencyKey()),
        wire.getPriority(),
        hold,
        waitNanos,
        OwnBounds.owner(who, !inline.isEmpty()));
  }

  /** The entries of a batch. Each is still to be read on its own. */
  List<CheckAndConsumeRequest> entries(CheckAndConsumeBatchRequest wire) {
    Violations violations = new Violations();
    violations.checkSize("requests", wire.getRequestsCount(), limits.batchEntries());
    violations.throwIfAny();
    return wire.getRequestsList();
  }

  Receipt receipt(Asker who, RefundRequest wire) {
    Violations violations = new Violations();
    byte[] bytes = opened(who, wire.getReceipt(), violations);
    if (bytes.length > 0 && !Receipt.isLength(bytes.length)) {
      violations.add("receipt", Receipt.wrongLength(bytes.length));
    }
    violations.throwIfAny();
    return Receipt.of(bytes);
  }

  /** A receipt without its seal; empty after adding to the violations. */
  static byte[] opened(Asker who, ByteString receipt, Violations violations) {
    byte[] bytes = who.opened(receipt.toByteArray());
    if (bytes == null) {
      violations.add(
          "receipt",
          "is none that this caller was handed (%d bytes); pass the bytes that came with the answer, unchanged, as the same caller"
              .formatted(receipt.size()));
      return new byte[0];
    }
    if (bytes.length == 0) {
      violations.add("receipt", Receipt.wrongLength(0));
    }
    return bytes;
  }

  /** Checks which counters to reset. Whoever asks then reads the message's own fields. */
  void check(ResetRequest wire) {
    Violations violations = new Violations();
    checkSelection(
        wire.getDomain(),
        wire.getAttributesMap(),
        wire.getRulesList(),
        /* own= */ true,
        violations);
    violations.throwIfAny();
  }

  /**
   * What an upstream said. Whoever asks then reads of the message's own fields whom it is about.
   */
  Observation observation(ObserveRequest wire) {
    Violations violations = new Violations();
    checkSelection(
        wire.getDomain(),
        wire.getAttributesMap(),
        wire.getRulesList(),
        /* own= */ false,
        violations);
    if (!wire.getUnit().isEmpty()) {
      violations.checkName("unit", wire.getUnit());
    }
    Observation said = ObservationReader.read(wire, violations);
    violations.throwIfAny();
    return said;
  }

  /**
   * Checks which counters are meant.
   *
   * @param own whether callers' own rules may be named
   */
  private void checkSelection(
      String domain,
      Map<String, String> attributes,
      List<String> rules,
      boolean own,
      Violations violations) {
    checkDomain(domain, violations);
    checkAttributes(attributes, violations);
    if (rules.size() > RequestLimits.MAX_RULES_NAMED) {
      violations.add(
          "rules",
          "has %d names; use at most %d, or none for every rule that applies"
              .formatted(rules.size(), RequestLimits.MAX_RULES_NAMED));
      violations.throwIfAny();
    }
    for (int i = 0; i < rules.size(); i++) {
      String name = rules.get(i);
      violations.checkName(
          "rules[" + i + "]", own && name.startsWith("~") ? name.substring(1) : name);
    }
  }

  /** The question that an explain request is. */
  ExplainQuestion explainQuestion(Asker who, ExplainRequest wire) {
    Violations violations = new Violations();
    checkDomain(wire.getDomain(), violations);
    checkAttributes(wire.getAttributesMap(), violations);
    return ExplainReader.read(wire, OwnBounds.work(who), violations);
  }

  private static void checkDomain(String domain, Violations violations) {
    violations.checkBytes("domain", domain, 1, RequestLimits.MAX_DOMAIN_BYTES);
  }

  private void checkAttributes(Map<String, String> attributes, Violations violations) {
    violations.checkSize("attributes", attributes.size(), limits.attributes());
    for (String name : attributes.keySet()) {
      checkName("attributes", name, violations);
    }
  }

  /** Checks amounts by their units. */
  void checkUnitCosts(String field, Map<String, Long> unitCosts, Violations violations) {
    violations.checkSize(field, unitCosts.size(), limits.unitCosts());
    for (Map.Entry<String, Long> unit : unitCosts.entrySet()) {
      checkName(field, unit.getKey(), violations);
      if (Violations.outOfRange(unit.getValue(), 0)) {
        violations.checkCount(entry(field, unit.getKey()), unit.getValue(), 0);
      }
    }
  }

  private static void checkName(String map, String name, Violations violations) {
    if (Violations.outside(name, 1, RequestLimits.MAX_NAME_BYTES)) {
      violations.checkBytes(entry(map, name) + " name", name, 1, RequestLimits.MAX_NAME_BYTES);
    }
  }

  private static String entry(String map, String name) {
    return map + "[" + Quoted.name(name) + "]";
  }

  private List<Rule> inlineRules(
      CallerLimits bounds, List<InlineRule> wire, Violations violations) {
    if (limits.inlineRules() == 0 && !wire.isEmpty()) {
      violations.add(
          "inline_rules",
          "are switched off (--inline-rules); leave them out, and write the rules into a file");
      return List.of();
    }
    violations.checkSize("inline_rules", wire.size(), limits.inlineRules());
    return wire.size() > limits.inlineRules()
        ? List.of()
        : new InlineRules(limits, bounds, violations).read(wire);
  }
}
