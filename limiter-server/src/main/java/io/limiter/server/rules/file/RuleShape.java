package io.limiter.server.rules.file;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Window;
import io.limiter.ledger.FailureMode;
import io.limiter.ledger.Holding;
import io.limiter.ledger.LeaseTerms;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.BillingDay;
import io.limiter.server.rules.Levels;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.Tariff;
import io.limiter.server.rules.TenantShare;
import io.limiter.server.rules.syntax.ChargeSyntax;
import io.limiter.server.rules.syntax.HoldSyntax;
import io.limiter.server.rules.syntax.LevelsSyntax;
import io.limiter.server.rules.syntax.ShareSyntax;
import io.limiter.server.rules.syntax.Syntax;
import io.limiter.server.rules.table.Effect;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/** What a rule says that no override of it changes. */
record RuleShape(
    String name,
    List<String> key,
    Algorithm algorithm,
    Tariff tariff,
    Keying keying,
    FailureMode onFailure,
    Optional<LeaseShare> lease,
    int retrySpread,
    boolean learns,
    Levels levels,
    Optional<Holding> holding,
    Optional<TenantShare> share,
    int estimate) {

  /** The fields that it is written in. */
  static final List<String> FIELDS =
      Stream.of(
              List.of("name", "key", "algorithm"),
              ChargeSyntax.FIELDS,
              List.of(
                  "hash",
                  "ip-prefix",
                  "on-redis-failure",
                  "lease",
                  "retry-spread",
                  "learn",
                  "share"),
              LevelsSyntax.FIELDS,
              HoldSyntax.FIELDS)
          .flatMap(List::stream)
          .toList();

  static final Map<String, Algorithm> ALGORITHMS =
      Syntax.words(Algorithm.values(), Algorithm::label);

  static final Map<String, FailureMode> FAILURES =
      Syntax.words(FailureMode.values(), failure -> failure.name().toLowerCase(Locale.ROOT));

  /**
   * Reads all but the name, the key and the algorithm.
   *
   * @param known the algorithm, if it is known; without it the rule is not used
   */
  static RuleShape read(
      Fields fields, String name, List<String> key, Optional<Algorithm> known, Problems problems) {
    return new RuleShape(
        name,
        key,
        known.orElse(Algorithm.FIXED_WINDOW),
        ChargeSyntax.read(fields, problems),
        keying(fields, problems),
        fields.choice("on-redis-failure", FAILURES).map(Located::value).orElse(FailureMode.LOCAL),
        LeaseReader.read(fields, known, problems),
        fields.readOr("retry-spread", Syntax::spread, 0),
        learns(fields, problems),
        LevelsSyntax.read(fields, problems),
        HoldSyntax.read(fields, known, problems),
        ShareSyntax.read(fields, key, known, problems),
        HoldSyntax.estimate(fields, known, problems));
  }

  /** The same where tenants share it in another way. */
  RuleShape sharedBy(Optional<TenantShare> other) {
    return new RuleShape(
        name,
        key,
        algorithm,
        tariff,
        keying,
        onFailure,
        lease,
        retrySpread,
        learns,
        levels,
        holding,
        other,
        estimate);
  }

  /** Says if tenants cannot share such a limit. */
  void checkShare(Fields fields, Limit limit, Problems problems) {
    share.ifPresent(some -> ShareSyntax.check(fields, some, limit, tariff.scale(), problems));
  }

  private static boolean learns(Fields fields, Problems problems) {
    boolean learns = fields.flag("learn");
    if (learns) {
      fields
          .get("lease")
          .ifPresent(
              lease ->
                  problems.add(
                      lease,
                      "lease does not belong to learn: true, since tokens that are held would pass"
                          + " while the upstream refuses; remove one of them"));
    }
    return learns;
  }

  private static Keying keying(Fields fields, Problems problems) {
    Keying plain = Keying.PLAIN;
    int ipv4 = plain.ipv4Prefix();
    int ipv6 = plain.ipv6Prefix();
    Optional<MappingNode> mapping =
        fields.mapping("ip-prefix", "a mapping, such as { v4: 32, v6: 64 }");
    if (mapping.isPresent()) {
      Fields bits = new Fields(mapping.get(), List.of("v4", "v6"), problems);
      ipv4 = bits.readOr("v4", text -> Syntax.bits("v4", text, 32), ipv4);
      ipv6 = bits.readOr("v6", text -> Syntax.bits("v6", text, 128), ipv6);
    }
    return new Keying(fields.flag("hash"), ipv4, ipv6, false);
  }

  /** The same with another tariff for the same unit. */
  RuleShape charging(Tariff other) {
    return new RuleShape(
        name,
        key,
        algorithm,
        other,
        keying,
        onFailure,
        lease,
        retrySpread,
        learns,
        levels,
        holding,
        share,
        estimate);
  }

  /**
   * What a rule of this shape does with a limit.
   *
   * @param basisPoints the share of keys that it is enforced for, if it is enforced
   * @param candidate the limit that is tried out beside it, if there is one
   * @param namesDay the attribute that names the day on which each month begins, if one does
   */
  Effect effect(
      Limit limit,
      ModeField mode,
      int basisPoints,
      Optional<Limit> candidate,
      Optional<String> namesDay) {
    if (namesDay.isEmpty() || mode == ModeField.OFF) {
      return effect(limit, mode, basisPoints, candidate);
    }
    List<Effect> days = new ArrayList<>(BillingDay.MOST);
    for (int i = 1; i <= BillingDay.MOST; i++) {
      int day = i;
      days.add(
          effect(from(day, limit), mode, basisPoints, candidate.map(tried -> from(day, tried))));
    }
    return new Effect.ByDay(name, namesDay.get(), days);
  }

  /** The same limit, where it is of months, for months that begin on another day. */
  private static Limit from(int day, Limit limit) {
    return limit instanceof FixedWindow fixed
            && fixed.window() instanceof Window.Calendar calendar
            && calendar.unit() == Window.Calendar.Unit.MONTH
        ? new FixedWindow(limit.limit(), new Window.Calendar(calendar.unit(), calendar.zone(), day))
        : limit;
  }

  private Effect effect(Limit limit, ModeField mode, int basisPoints, Optional<Limit> candidate) {
    Optional<Rule> other =
        candidate.map(tried -> rule(tried, Rule.Mode.CANDIDATE, Optional.empty(), false));
    return switch (mode) {
      case ENFORCE ->
          new Effect.Counted(rule(limit, Rule.Mode.enforcedFor(basisPoints), lease, learns), other);
      case SHADOW ->
          new Effect.Counted(rule(limit, Rule.Mode.SHADOW, Optional.empty(), learns), other);
      case OFF -> Effect.Exempt.OFF;
    };
  }

  private Rule rule(Limit limit, Rule.Mode mode, Optional<LeaseShare> share, boolean learning) {
    LeaseTerms terms = share.map(some -> some.of(limit)).orElse(null);
    return new Rule(
        name,
        key,
        limit,
        mode,
        tariff,
        keying,
        new Rule.Sharing(
            onFailure,
            terms,
            retrySpread,
            learning,
            levels.of(limit.limit()),
            holding.orElse(null),
            this.share.orElse(null),
            estimate));
  }
}
