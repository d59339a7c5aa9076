package io.limiter.jmh.load;

import io.limiter.jmh.load.pace.Pace;
import io.limiter.jmh.load.pace.Slot;
import io.limiter.jmh.load.pace.Tally;
import io.limiter.jmh.load.pace.Totals;
import io.limiter.jmh.load.service.Service;
import io.limiter.jmh.load.service.Usage;
import io.limiter.jmh.load.wire.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The connections that ask, and the pace that they ask at. */
final class Workload implements AutoCloseable {
  private final LoadFlags flags;
  private final Service service;
  private final List<Connection> connections = new ArrayList<>();
  private final List<Slot> slots = new ArrayList<>();
  private final List<Tally> tallies;
  private final Pace pace;

  Workload(LoadFlags flags, Service service) {
    this.flags = flags;
    this.service = service;
    for (int i = 0; i < flags.pace.connections; i++) {
      connections.add(
          new Connection(service.target(), flags.traffic, flags.pace.slotsPerConnection(), i));
    }
    // One slot of each connection after the other: open loops take them in this order.
    for (int i = 0; i < flags.pace.slotsPerConnection(); i++) {
      for (Connection connection : connections) {
        slots.add(connection.slots().get(i));
      }
    }
    tallies = connections.stream().map(Connection::tally).toList();
    pace = flags.pace.pace(() -> tallies.stream().mapToLong(Tally::decisions).sum());
  }

  /** Asks without measuring. */
  void warmUp(Duration time) throws InterruptedException {
    pace.run(slots, time);
    Totals.drain(tallies);
  }

  Round round() throws InterruptedException {
    return round(flags.pace.time);
  }

  private Round round(Duration time) throws InterruptedException {
    OptionalLong chargesBefore = charges();
    Usage before = service.usage();
    Pace.Timing timing = pace.run(slots, time);
    Usage used = service.usage().since(before);
    OptionalLong charges = charges();
    return new Round(
        timing,
        Totals.drain(tallies),
        used,
        charges.isPresent() && chargesBefore.isPresent()
            ? OptionalLong.of(charges.getAsLong() - chargesBefore.getAsLong())
            : OptionalLong.empty());
  }

  private OptionalLong charges() throws InterruptedException {
    return flags.traffic.charges
        ? service.charges(flags.traffic.open().domain())
        : OptionalLong.empty();
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
  }
}
