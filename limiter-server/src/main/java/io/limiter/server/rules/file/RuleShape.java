package io.limiter.server.rules.file;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.FailureMode;
import io.limiter.algorithm.LeaseTerms;
import io.limiter.algorithm.Limit;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.table.Effect;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Given;
import io.limiter.server.rules.yaml.Problems;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/** What a rule says that no override of it changes. */
record RuleShape(
    String name,
    List<String> key,
    Algorithm algorithm,
    String unit,
    Keying keying,
    FailureMode onFailure,
    @Nullable LeaseShare lease) {

  /** The fields that it is written in. */
  static final List<String> FIELDS =
      List.of("name", "key", "algorithm", "unit", "hash", "ip-prefix", "on-redis-failure", "lease");

  static final Map<String, Algorithm> ALGORITHMS = algorithms();
  private static final Map<String, FailureMode> FAILURES = failures();

  /**
   * Reads all but the name, the key and the algorithm.
   *
   * @param known the algorithm, if it is known; otherwise the shape is of none that is used
   */
  static RuleShape read(
      Fields fields, String name, List<String> key, @Nullable Algorithm known, Problems problems) {
    return new RuleShape(
        name,
        key,
        known == null ? Algorithm.FIXED_WINDOW : known,
        Given.valueOr(fields.read("unit", text -> Syntax.name("unit", text)), ""),
        keying(fields, problems),
        Given.valueOr(fields.choice("on-redis-failure", FAILURES), FailureMode.LOCAL),
        LeaseReader.read(fields, known, problems));
  }

  private static Keying keying(Fields fields, Problems problems) {
    Keying plain = Keying.PLAIN;
    int ipv4 = plain.ipv4Prefix();
    int ipv6 = plain.ipv6Prefix();
    MappingNode mapping = fields.mapping("ip-prefix", "a mapping, such as { v4: 32, v6: 64 }");
    if (mapping != null) {
      Fields bits = new Fields(mapping, List.of("v4", "v6"), problems);
      ipv4 = Given.valueOr(bits.read("v4", text -> Syntax.bits("v4", text, 32)), ipv4);
      ipv6 = Given.valueOr(bits.read("v6", text -> Syntax.bits("v6", text, 128)), ipv6);
    }
    return new Keying(fields.flag("hash"), ipv4, ipv6, false);
  }

  /**
   * What a rule of this shape does with a limit.
   *
   * @param basisPoints the share of keys that it is enforced for, if it is enforced
   * @param candidate the limit that is tried out beside it; null for none
   */
  Effect effect(Limit limit, Standing standing, int basisPoints, @Nullable Limit candidate) {
    Rule other = candidate == null ? null : rule(candidate, Rule.Mode.CANDIDATE, null);
    return switch (standing) {
      case ENFORCE ->
          new Effect.Counted(rule(limit, Rule.Mode.enforcedFor(basisPoints), lease), other);
      case SHADOW -> new Effect.Counted(rule(limit, Rule.Mode.SHADOW, null), other);
      case OFF -> Effect.Exempt.OFF;
    };
  }

  private Rule rule(Limit limit, Rule.Mode mode, @Nullable LeaseShare lease) {
    LeaseTerms terms = lease == null ? null : lease.of(limit);
    return new Rule(name, key, limit, mode, unit, keying, new Rule.Sharing(onFailure, terms));
  }

  private static Map<String, Algorithm> algorithms() {
    Map<String, Algorithm> byLabel = new LinkedHashMap<>();
    for (Algorithm algorithm : Algorithm.values()) {
      byLabel.put(algorithm.label(), algorithm);
    }
    return byLabel;
  }

  private static Map<String, FailureMode> failures() {
    Map<String, FailureMode> byWord = new LinkedHashMap<>();
    for (FailureMode failure : FailureMode.values()) {
      byWord.put(failure.name().toLowerCase(Locale.ROOT), failure);
    }
    return byWord;
  }
}
