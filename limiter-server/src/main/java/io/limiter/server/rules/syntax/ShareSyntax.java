package io.limiter.server.rules.syntax;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Limit;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.TenantShare;
import io.limiter.server.rules.yaml.BadValueException;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problems;
import io.limiter.share.ShareTerms;
import io.limiter.share.SharedLimit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** How tenants share a rule, as files say it: the field {@code share}. */
public final class ShareSyntax {
  /** What it may hold in a rule. */
  public static final List<String> FIELDS = List.of("key", "guarantee", "weight", "borrow");

  /** What it may hold in an override: the tenants are those of the rule. */
  public static final List<String> OVERRIDE_FIELDS = List.of("guarantee", "weight", "borrow");

  /** What a shared rule cannot have, and why. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "lease", "since tokens that are held would be lent to nobody",
          "hold", "since what was held goes back to the limit, and to no tenant",
          "learn", "since what an upstream says is of all tenants at once",
          "candidate", "since it would have tenants of its own",
          "priorities", "since both divide the limit",
          "degrade-above", "since a tenant sees what it can take, not how full the limit is",
          "soft", "since a tenant sees what it can take, not how full the limit is");

  private static final Map<String, Boolean> BORROW = Map.of("true", true, "false", false);

  private ShareSyntax() {}

  /** Whether counters of an algorithm can be shared. */
  public static boolean takes(Algorithm algorithm) {
    return algorithm == Algorithm.TOKEN_BUCKET || algorithm == Algorithm.FIXED_WINDOW;
  }

  /**
   * Reads it in a rule; empty if there is none, or something is wrong with it.
   *
   * @param key of the rule
   * @param algorithm of the rule, if it is known
   */
  public static Optional<TenantShare> read(
      Fields rule, List<String> key, Optional<Algorithm> algorithm, Problems problems) {
    Optional<MappingNode> mapping =
        rule.mapping("share", "a mapping, such as { key: [tenant], guarantee: 10% }");
    if (mapping.isEmpty()) {
      return Optional.empty();
    }
    Node at = mapping.get();
    algorithm
        .filter(known -> !takes(known))
        .ifPresent(
            known ->
                problems.add(
                    at,
                    "share does not belong to %s, which keeps no room for others; use token-bucket or fixed-window, or remove share"
                        .formatted(known.label())));
    if (algorithm.isEmpty() || takes(algorithm.get())) {
      refuse(rule, problems);
    }
    Fields fields = new Fields(mapping.get(), FIELDS, problems);
    fields.missing("key", "say which attributes make a tenant, such as [tenant]");
    fields.missing("guarantee", "say which part of the limit is always there, such as 10%");
    List<String> tenant = tenant(fields, key, problems);
    Optional<Located<Integer>> guarantee = fields.read("guarantee", ShareSyntax::guarantee);
    int weight = fields.readOr("weight", ShareSyntax::weight, 1);
    boolean borrows = fields.choice("borrow", BORROW).map(Located::value).orElse(true);
    return guarantee
        .filter(known -> !tenant.isEmpty())
        .map(known -> new TenantShare(tenant, new ShareTerms(known.value(), weight, borrows)));
  }

  /**
   * Reads it in an override.
   *
   * @param rule what it leaves unsaid; empty also where something is wrong with the rule
   * @param isShared whether the rule says any
   */
  public static Optional<TenantShare> override(
      Fields override, Optional<TenantShare> rule, boolean isShared, Problems problems) {
    if (isShared) {
      override.get("candidate").ifPresent(node -> problems.add(node, refusal("candidate")));
    }
    Optional<MappingNode> mapping =
        override.mapping("share", "a mapping of what differs, such as { guarantee: 30% }");
    if (mapping.isEmpty()) {
      return rule;
    }
    Fields fields = new Fields(mapping.get(), OVERRIDE_FIELDS, problems);
    Optional<Located<Integer>> guarantee = fields.read("guarantee", ShareSyntax::guarantee);
    Optional<Located<Integer>> weight = fields.read("weight", ShareSyntax::weight);
    Optional<Located<Boolean>> borrows = fields.choice("borrow", BORROW);
    if (!isShared) {
      problems.add(
          mapping.get(),
          "share differs from nothing; write share with its key into the rule first");
    }
    if (mapping.get().getValue().isEmpty()) {
      problems.add(mapping.get(), "share changes nothing; say what differs, or remove it");
    }
    return rule.map(
        base ->
            new TenantShare(
                base.key(),
                new ShareTerms(
                    guarantee.map(Located::value).orElse(base.terms().guarantee()),
                    weight.map(Located::value).orElse(base.terms().weight()),
                    borrows.map(Located::value).orElse(base.terms().borrows()))));
  }

  /**
   * Says if a guarantee holds less than one, so that it would be none.
   *
   * @param scale how many parts of a unit the limit counts for each
   */
  public static void check(
      Fields fields, TenantShare share, Limit limit, long scale, Problems problems) {
    if (!SharedLimit.isShareable(limit)
        || SharedLimit.guaranteed(limit, share.terms().guarantee()) >= scale) {
      return;
    }
    boolean bucket = limit.algorithm() == Algorithm.TOKEN_BUCKET;
    long all = Rule.Mode.ALL * (bucket ? 2L : 1L);
    long least = (all + share.terms().guarantee() - 1) / share.terms().guarantee();
    problems.add(
        fields.get("share").orElse(fields.at()),
        "guarantee of %s %d holds less than 1; use a larger guarantee, or %s: %d or more"
            .formatted(
                bucket ? "burst" : "limit",
                limit.limit() / scale,
                bucket ? "burst" : "limit",
                least));
  }

  private static void refuse(Fields rule, Problems problems) {
    for (String field : REFUSED.keySet().stream().sorted().toList()) {
      rule.get(field).ifPresent(node -> problems.add(node, refusal(field)));
    }
    rule.get("window")
        .filter(window -> window instanceof ScalarNode scalar && scalar.getValue().equals("never"))
        .ifPresent(
            window ->
                problems.add(
                    window,
                    "window: never does not belong to share, since guarantees are renewed when a window ends; use a window that does, or remove share"));
  }

  private static String refusal(String field) {
    return "%s does not belong to share, %s; remove one of them"
        .formatted(field, REFUSED.get(field));
  }

  /** The attributes that make a tenant, as far as they can be read. */
  public static List<String> attributes(Fields rule) {
    List<String> names = new ArrayList<>();
    if (rule.get("share").orElse(null) instanceof MappingNode share) {
      for (NodeTuple field : share.getValue()) {
        if (field.getKeyNode() instanceof ScalarNode name
            && name.getValue().equals("key")
            && field.getValueNode() instanceof SequenceNode list) {
          for (Node node : list.getValue()) {
            if (node instanceof ScalarNode scalar) {
              names.add(scalar.getValue());
            }
          }
        }
      }
    }
    return names;
  }

  private static List<String> tenant(Fields fields, List<String> key, Problems problems) {
    Set<String> names = new LinkedHashSet<>();
    for (Node node : fields.list("key", "a list of attribute names, such as [tenant]")) {
      if (!(node instanceof ScalarNode scalar)) {
        problems.add(node, "key has %s in it; use attribute names".formatted(Fields.kind(node)));
        continue;
      }
      Fields.parsed(scalar, name -> Syntax.attribute("key", name), problems)
          .filter(name -> key.contains(name) || !names.add(name))
          .ifPresent(
              name ->
                  problems.add(
                      scalar,
                      key.contains(name)
                          ? "key names \"%s\", which is in the rule's key: each would have a pool of its own; remove one"
                              .formatted(name)
                          : "key names \"%s\" twice; remove one".formatted(name)));
    }
    if (fields.get("key").orElse(null) instanceof SequenceNode list && list.getValue().isEmpty()) {
      problems.add(list, "key is empty; say which attributes make a tenant, such as [tenant]");
    }
    return List.copyOf(names);
  }

  private static int guarantee(String text) {
    OptionalInt points = Syntax.basisPoints(text);
    if (points.isEmpty() || points.getAsInt() < 1 || points.getAsInt() > Rule.Mode.ALL) {
      throw new BadValueException(
          "guarantee \"%s\" is no share of the limit; use 0.01%% to 100%%, such as 10%% or 0.25%%"
              .formatted(text));
    }
    return points.getAsInt();
  }

  private static int weight(String text) {
    long weight = Syntax.count("weight", text);
    if (weight < 1 || weight > ShareTerms.MOST_WEIGHT) {
      throw new BadValueException(
          "weight %s is out of range; use 1 to %d".formatted(text, ShareTerms.MOST_WEIGHT));
    }
    return (int) weight;
  }
}
