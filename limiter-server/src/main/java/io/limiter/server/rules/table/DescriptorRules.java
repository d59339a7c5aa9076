package io.limiter.server.rules.table;

import io.limiter.server.key.DescriptorCounter;
import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.DescriptorMatch;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.Explanation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One domain of descriptors, compiled for matching. Immutable; safe to share between threads.
 *
 * <p>Matches as Envoy's own rate-limit service does: level by level, an entry's key and value, then
 * the wildcards of the level in the order of the file, wherever their stars are, then the key
 * alone. A limit counts only at the last entry of a request's descriptor.
 */
public final class DescriptorRules extends Domain.OfDescriptors {
  private static final DescriptorMatch NO_LIMIT = new DescriptorMatch.NoLimit();
  private static final DescriptorMatch UNLIMITED = new DescriptorMatch.Unlimited();

  private final String name;
  private final String file;
  private final Optional<Boolean> chargeOnDeny;
  private final DescriptorNode top;
  private final int limits;
  private final Set<String> names;

  /**
   * A domain.
   *
   * @param chargeOnDeny whether what is denied is counted too; empty when the file does not say
   */
  public DescriptorRules(
      String name, String file, Optional<Boolean> chargeOnDeny, DescriptorNode top) {
    this.name = name;
    this.file = file;
    this.chargeOnDeny = chargeOnDeny;
    this.top = top;
    this.limits = top.limits();
    Set<String> all = new HashSet<>();
    all.add(DescriptorMatch.Limited.OWN);
    top.addNames("", all);
    this.names = Collections.unmodifiableSet(all);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String file() {
    return file;
  }

  @Override
  public int ruleCount() {
    return limits;
  }

  @Override
  public boolean defines(String rule) {
    return names.contains(rule);
  }

  @Override
  public boolean chargeOnDeny(boolean byDefault) {
    return chargeOnDeny.isPresent() ? chargeOnDeny.get() : byDefault;
  }

  @Override
  public List<DescriptorMatch> match(List<Descriptor> descriptors) {
    List<DescriptorMatch> matches = new ArrayList<>(descriptors.size());
    Set<String> replaced = null;
    for (Descriptor descriptor : descriptors) {
      Descriptor.OwnLimit own = descriptor.limit();
      if (own != null) {
        matches.add(DescriptorMatch.Limited.own(descriptor.entries(), own));
        continue;
      }
      List<DescriptorNode.Step> path = walk(descriptor.entries());
      if (path == null) {
        matches.add(NO_LIMIT);
        continue;
      }
      DescriptorLimit limit = path.get(path.size() - 1).node().limit();
      if (!limit.replaces().isEmpty()) {
        replaced = replaced == null ? new HashSet<>() : replaced;
        replaced.addAll(limit.replaces());
      }
      matches.add(found(descriptor.entries(), path, limit));
    }
    if (replaced != null) {
      Set<String> gone = replaced;
      matches.replaceAll(match -> isNamed(match, gone) ? NO_LIMIT : match);
    }
    return matches;
  }

  @Override
  public Explanation.OfDescriptors explain(List<Descriptor.Entry> entries) {
    return DescriptorExplainer.explain(this, top, entries);
  }

  private static boolean isNamed(DescriptorMatch match, Set<String> names) {
    return match instanceof DescriptorMatch.Limited limited
        && names.contains(limited.terms().name());
  }

  /** The way down to the last entry, or null if it ends before. */
  private @Nullable List<DescriptorNode.Step> walk(List<Descriptor.Entry> entries) {
    List<DescriptorNode.Step> path = new ArrayList<>(entries.size());
    DescriptorNode node = top;
    for (Descriptor.Entry entry : entries) {
      DescriptorNode.Step step = node.next(entry);
      if (step == null) {
        return null;
      }
      path.add(step);
      node = step.node();
    }
    return path.isEmpty() ? null : path;
  }

  private static DescriptorMatch found(
      List<Descriptor.Entry> entries, List<DescriptorNode.Step> path, DescriptorLimit limit) {
    if (limit instanceof DescriptorLimit.PerUnit perUnit) {
      return limited(entries, path, perUnit);
    }
    return limit instanceof DescriptorLimit.Unlimited ? UNLIMITED : NO_LIMIT;
  }

  private static DescriptorMatch.Limited limited(
      List<Descriptor.Entry> entries,
      List<DescriptorNode.Step> path,
      DescriptorLimit.PerUnit limit) {
    List<DescriptorCounter.Part> parts = new ArrayList<>(entries.size());
    boolean named = limit.detailedMetric();
    for (int i = 0; i < entries.size(); i++) {
      Descriptor.Entry entry = entries.get(i);
      DescriptorNode.Step step = path.get(i);
      // Also when the entry spells the wildcard out, or that would be a way around the threshold.
      boolean shared = step.node().shared();
      String value = shared ? step.node().valueAfter(entry.key()) : entry.value();
      parts.add(new DescriptorCounter.Part(entry.key(), value, shared));
      named |= step.node().namesValue(entry, step.found());
    }
    return new DescriptorMatch.Limited(
        named ? limit.rule().named(metricName(entries, path, parts, limit)) : limit.rule(),
        new DescriptorCounter(parts, /* ownUnit= */ ""),
        limit.terms());
  }

  /** How metrics call a limit that some values of the request are named in. */
  private static String metricName(
      List<Descriptor.Entry> entries,
      List<DescriptorNode.Step> path,
      List<DescriptorCounter.Part> parts,
      DescriptorLimit.PerUnit limit) {
    StringBuilder name = new StringBuilder(64);
    for (int i = 0; i < entries.size(); i++) {
      DescriptorNode.Step step = path.get(i);
      DescriptorCounter.Part part = parts.get(i);
      name.append(i == 0 ? "" : ".");
      if (limit.detailedMetric() && !part.value().isEmpty()) {
        name.append(part.key()).append('_').append(DescriptorNode.shown(part.value()));
      } else {
        name.append(step.node().metricName(entries.get(i), step.found()));
      }
    }
    return name.toString();
  }
}
