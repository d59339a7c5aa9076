package io.limiter.server.faults;

import io.limiter.testing.Await;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Has one fault after the other strike, each in the middle of a turn in which a limit is used up.
 */
final class FaultRun {
  private static final int DENIALS = 20;

  /** So many questions warm the callers up. */
  private static final int WARM = 2_000;

  private final Services services;
  private final Callers callers;
  private final Supplier<List<String>> primaries;
  private final FaultTable table;

  /**
   * A run.
   *
   * @param primaries the URIs of those that hold the counters
   */
  FaultRun(Services services, Callers callers, Supplier<List<String>> primaries, FaultTable table) {
    this.services = services;
    this.callers = callers;
    this.primaries = primaries;
    this.table = table;
    services.awaitWhole();
    Await.until(() -> callers.turn().asked() >= WARM);
  }

  void meet(Fault fault) throws Exception {
    Turn turn = callers.next();
    Await.until(() -> turn.admitted() >= Caller.LIMIT / 2);
    int before = turn.askedOfLimit();
    long struck = System.nanoTime();
    fault.strike().run();
    Await.until(
        () ->
            System.nanoTime() - struck >= fault.hold().toNanos()
                && turn.askedOfLimit() - before >= 2 * Caller.LIMIT);
    StringBuilder said = new StringBuilder();
    Await.until(() -> said.append(services.said()).indexOf(fault.shown()) >= 0);
    table.said(fault, said.toString());
    fault.heal().run();
    long healed = System.nanoTime();
    services.awaitRedis();
    long recovery = System.nanoTime() - healed;
    int denied = turn.denied();
    Await.until(() -> turn.denied() >= denied + DENIALS);
    services.awaitWhole();
    callers.next();
    Map<Long, Long> charged = new HashMap<>();
    primaries.get().forEach(uri -> Charged.each(uri, turn.name).forEach(charged::put));
    table.add(new Row(fault, turn, charged, healed - struck, recovery, services.threads()));
  }
}
