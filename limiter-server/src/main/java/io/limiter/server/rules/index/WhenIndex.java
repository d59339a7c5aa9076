package io.limiter.server.rules.index;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A decision tree that finds, among many entries with conditions, those that apply to a request. It
 * visits few others, however many there are.
 *
 * <p>Every entry is filed under its most selective condition: the one that it shares with the
 * fewest others. It is filed once for each pattern of that condition. Where many entries are filed
 * alike, a node below tells them apart by their remaining conditions. Entries that ask nothing of
 * any attribute are visited for every request; they apply to nearly all. A search checks only the
 * residual conditions, which the way to the entry has not proved.
 *
 * <p>More entries do not add steps to a search, but they cause more cache misses. So a search
 * touches little memory that belongs to one entry alone: the place of its pattern, and no object.
 * What entries have in common exists once.
 *
 * <p>Immutable; safe to share between threads.
 */
public final class WhenIndex<E> {
  private final List<Entry<E>> entries;
  private final WhenNode[] nodes;
  private final Condition[][] residuals;

  public WhenIndex(List<Entry<E>> entries) {
    this.entries =
        entries.stream().sorted(Comparator.<Entry<E>>comparingInt(Entry::ordinal)).toList();
    WhenIndexBuilder builder =
        new WhenIndexBuilder(this.entries.stream().map(Entry::when).toList());
    this.nodes = builder.nodes();
    this.residuals = builder.residuals();
  }

  /**
   * What is to be found.
   *
   * @param ordinal its place in the order of the file; unique
   */
  public record Entry<E>(int ordinal, When when, E value) {}

  /** All entries, in order. A {@link Search} finds indexes of this list. */
  public List<Entry<E>> entries() {
    return entries;
  }

  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Finds the entries that apply. */
  public Search search(Map<String, String> attributes) {
    Search search = new Search(nodes, residuals, attributes);
    search.test(Pointer.toNode(nodes.length - 1));
    return search;
  }

  /** The first entry that applies, or null. */
  @Nullable E first(Map<String, String> attributes) {
    Search search = search(attributes);
    return search.foundNone() ? null : entries.get(search.first()).value();
  }

  /** All entries that apply, in order. */
  List<E> all(Map<String, String> attributes) {
    return Arrays.stream(search(attributes).all())
        .mapToObj(entry -> entries.get(entry).value())
        .toList();
  }
}
