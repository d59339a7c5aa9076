package io.limiter.server.audit;

import io.limiter.server.access.AccessListener;
import io.limiter.server.access.Asker;
import io.limiter.server.access.Origin;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Something that is written down. Immutable. It holds no secret: who makes it hashes what may be
 * one.
 *
 * @param method what was refused, by the word of grants; empty for what was not
 * @param caller its name; empty if it is not known
 * @param by how the caller was told; empty for what no caller did
 * @param attributes by name: values as they are, or behind {@code #} their hash
 * @param rules that were named
 * @param outcome {@code ok}, or why not
 * @param count of counters, callers or rules; -1 where nothing is counted
 */
public record AuditEvent(
    What what,
    String method,
    String caller,
    String by,
    Origin origin,
    String domain,
    Map<String, String> attributes,
    List<String> rules,
    String outcome,
    long count) {
  /** Of what is counted by nothing. */
  public static final long NO_COUNT = -1;

  private static final String OK = "ok";

  /** What is written down. */
  public enum What {
    /** Counters were to be forgotten. */
    RESET,
    /** What a question was charged was to be given back. */
    REFUND,
    /** An upstream's word on its own limit was to be taken in. */
    OBSERVE,
    /** A caller was refused. */
    REFUSED,
    /** The files of access were read. */
    ACCESS_RELOADED,
    /** The files of rules were read. */
    RULES_RELOADED,
    /** So many lines were left out. */
    LEFT_OUT;

    /** As lines have it, such as {@code rules-reloaded}. */
    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  public AuditEvent {
    attributes = Map.copyOf(attributes);
    rules = List.copyOf(rules);
  }

  /** What a caller did. */
  public static AuditEvent of(
      What what,
      Asker who,
      String domain,
      Map<String, String> attributes,
      List<String> rules,
      String outcome,
      long count) {
    return new AuditEvent(
        what, "", who.name(), who.by(), who.origin(), domain, attributes, rules, outcome, count);
  }

  /** What a caller was refused. */
  static AuditEvent of(AccessListener.Refusal refusal) {
    return new AuditEvent(
        What.REFUSED,
        refusal.method(),
        refusal.caller(),
        refusal.by(),
        refusal.origin(),
        refusal.domain(),
        Map.of(),
        List.of(),
        refusal.kind().name().toLowerCase(Locale.ROOT),
        NO_COUNT);
  }

  /** What this instance did by itself. */
  static AuditEvent of(What what, boolean good, long count) {
    return new AuditEvent(
        what, "", "", "", Origin.NONE, "", Map.of(), List.of(), good ? OK : "refused", count);
  }
}
