package io.limiter.server.rules.table;

import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.DescriptorMatch;
import io.limiter.server.rules.Explanation;
import io.limiter.server.rules.Quoted;
import java.util.ArrayList;
import java.util.List;

/** Explains a domain of descriptors: what each entry of a descriptor meets, level by level. */
final class DescriptorExplainer {
  private DescriptorExplainer() {}

  static Explanation.OfDescriptors explain(
      DescriptorRules rules, DescriptorNode top, List<Descriptor.Entry> entries) {
    DescriptorMatch match = rules.match(List.of(new Descriptor(entries, null))).get(0);
    List<String> steps = new ArrayList<>();
    DescriptorNode node = top;
    for (Descriptor.Entry entry : entries) {
      DescriptorNode.Step step = node.next(entry);
      if (step == null) {
        steps.add(entry(entry) + " meets nothing" + where(node, top) + "; the walk ends");
        return new Explanation.OfDescriptors(rules.file(), node.line(), match, steps);
      }
      node = step.node();
      steps.add(entry(entry) + " meets " + named(node) + how(step.found()));
    }
    steps.add(end(node, node.equals(top)));
    if (rules.chargeOnDeny(/* byDefault= */ false)) {
      steps.add("charge-on-deny: what is denied is counted too");
    }
    return new Explanation.OfDescriptors(rules.file(), node.line(), match, steps);
  }

  private static String entry(Descriptor.Entry entry) {
    return Quoted.text(entry.key() + "=" + entry.value());
  }

  private static String named(DescriptorNode node) {
    return "descriptor %s (line %d)".formatted(Quoted.text(node.composite()), node.line());
  }

  private static String where(DescriptorNode node, DescriptorNode top) {
    if (node.equals(top)) {
      return " at the top";
    }
    return node.isLeaf()
        ? ": %s has nothing below it".formatted(named(node))
        : " below " + named(node);
  }

  private static String how(DescriptorNode.Found found) {
    return switch (found) {
      case EXACT -> ", by key and value";
      case WILDCARD -> ", by a wildcard";
      case BARE_KEY -> ", by its key alone";
    };
  }

  private static String end(DescriptorNode node, boolean isTop) {
    if (isTop) {
      return "there are no entries, so there is nothing to meet";
    }
    if (node.limit() instanceof DescriptorLimit.None) {
      return "this is the last entry, and %s has no rate_limit".formatted(named(node));
    }
    return node.limit() instanceof DescriptorLimit.Unlimited
        ? "%s says unlimited: true".formatted(named(node))
        : "%s limits it".formatted(named(node));
  }
}
