package io.limiter.server.store.redis.cluster;

import io.limiter.server.key.Slots;
import io.limiter.server.store.endpoint.HostPort;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which primary holds which slot, as one member of a Cluster sees it. Immutable. */
public final class SlotMap {
  private final @Nullable HostPort[] holders;

  private SlotMap(@Nullable HostPort[] holders) {
    this.holders = holders;
  }

  /**
   * What {@code CLUSTER SLOTS} says.
   *
   * @param reply for each range of slots its first, its last, and the members that hold it, the
   *     primary first, each with host and port
   * @param asked the member that says it: a host that it leaves out is its own
   * @throws IllegalArgumentException when it has another form
   */
  public static SlotMap of(List<?> reply, HostPort asked) {
    @Nullable HostPort[] holders = new HostPort[Slots.COUNT];
    for (Object one : reply) {
      if (!(one instanceof List<?> range
          && range.size() >= 3
          && range.get(0) instanceof Long first
          && range.get(1) instanceof Long last
          && range.get(2) instanceof List<?> primary
          && primary.size() >= 2
          && primary.get(1) instanceof Long port
          && first >= 0
          && last < Slots.COUNT)) {
        throw new IllegalArgumentException("CLUSTER SLOTS was answered with " + one);
      }
      Object host = primary.get(0);
      boolean named = host instanceof String text && !text.isEmpty() && !text.equals("?");
      Arrays.fill(
          holders,
          first.intValue(),
          last.intValue() + 1,
          new HostPort(named ? (String) host : asked.host(), port.intValue()));
    }
    return new SlotMap(holders);
  }

  /** The primary that holds a slot, null if none does. */
  public @Nullable HostPort holder(int slot) {
    return holders[slot];
  }

  /** All primaries that hold slots. */
  public Set<HostPort> holders() {
    Set<HostPort> all = new LinkedHashSet<>();
    for (HostPort holder : holders) {
      if (holder != null) {
        all.add(holder);
      }
    }
    return all;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SlotMap map && Arrays.equals(holders, map.holders);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(holders);
  }
}
