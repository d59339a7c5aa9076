package io.limiter.server.rules.index;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds, among many entries with conditions, those that apply to a request, without looking at the
 * others.
 *
 * <p>Every entry is filed under the one condition that it shares with the fewest others, once for
 * each pattern that the condition wants. Where many entries are still filed alike, they are told
 * apart by their remaining conditions in the same way. Entries that want nothing of any attribute
 * are looked at for every request; they apply to nearly all. What the way to an entry has proved is
 * not checked again.
 *
 * <p>The number of entries does not change how many steps a search takes, but it does change
 * whether what they touch is still in the processor's caches. So a search touches little that
 * belongs to one entry alone: where its pattern is filed, and no object of the entry at all. What
 * entries have in common is there once.
 *
 * <p>Immutable; safe to share between threads.
 */
public final class WhenIndex<E> {
  private final List<Entry<E>> entries;
  private final WhenNode[] nodes;
  private final Condition[][] wants;

  public WhenIndex(List<Entry<E>> entries) {
    this.entries =
        entries.stream().sorted(Comparator.<Entry<E>>comparingInt(Entry::ordinal)).toList();
    WhenFiling filing = new WhenFiling(this.entries.stream().map(Entry::when).toList());
    this.nodes = filing.nodes();
    this.wants = filing.wants();
  }

  /**
   * What is to be found.
   *
   * @param ordinal its place among the entries; unique
   */
  public record Entry<E>(int ordinal, When when, E value) {}

  /** All entries, in order. An entry's index here is its place in a {@link Search}. */
  public List<Entry<E>> entries() {
    return entries;
  }

  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /** The places of the entries that apply. */
  public Search search(Map<String, String> attributes) {
    Search search = new Search(nodes, wants, attributes);
    search.test(Target.node(nodes.length - 1));
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
        .mapToObj(place -> entries.get(place).value())
        .toList();
  }
}
