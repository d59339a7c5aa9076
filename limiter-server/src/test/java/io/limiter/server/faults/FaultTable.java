package io.limiter.server.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What came of each fault, and what of that should not have come. */
final class FaultTable {
  private static final Path TABLE = Path.of("target", "faults.md");
  private static final Path SAID = Path.of("target", "faults-said.txt");

  /** Whoever has a key and time is asked for again elsewhere by the client. */
  private static final String ASKS_AGAIN =
      new Caller(Caller.Asks.EACH_WITH_KEY, /* patient= */ true).toString();

  /** For each page that is read one of the HTTP port's threads starts, of which each has 64. */
  private static final int MORE_THREADS = 160;

  private final List<Row> rows = new ArrayList<>();
  private final List<String> broken = new ArrayList<>();
  private final StringBuilder said = new StringBuilder();

  private final String page;

  FaultTable() {
    try {
      page = Files.readString(Path.of("..", "deploy", "FAILURES.md"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Notes what the instances said in the middle of a fault. */
  void said(Fault fault, String text) {
    said.append("== ").append(fault.name()).append('\n').append(text);
  }

  void add(Row row) {
    rows.add(row);
    System.out.println(row);
    Fault fault = row.fault();
    Turn turn = row.turn();
    String where = fault.name() + " (" + turn.name + "): ";
    turn.broken().keySet().stream()
        .filter(one -> one.contains(ASKS_AGAIN) || !one.matches(row.told()))
        .forEach(one -> broken.add(where + one));
    expect(page.contains(fault.name()), where + "is not in deploy/FAILURES.md");
    expect(row.over() <= fault.bound(), where + row.over() + " over the limit");
    expect(row.charged().values().stream().allMatch(n -> n == 1), where + row.charged());
    expect(!fault.keeps() || row.lost() == 0, where + row.lost() + " charges lost");
    expect(
        turn.longestHurriedNanos() <= Caller.HURRY.plus(Row.LATE).toNanos(),
        where + "a caller in a hurry was kept");
    expect(turn.longestPatientNanos() <= row.patience().toNanos(), where + "a caller was kept");
    expect(
        row.threads() <= rows.get(0).threads() + MORE_THREADS,
        where + row.threads() + " threads, and " + rows.get(0).threads() + " before");
  }

  private void expect(boolean holds, String otherwise) {
    if (!holds) {
      broken.add(otherwise);
    }
  }

  /** What should not have been, a line for each. */
  String broken() {
    return String.join("\n", broken);
  }

  void print() throws IOException {
    String table =
        rows.stream().map(row -> row + "\n").collect(Collectors.joining("", Row.HEAD, ""));
    System.out.print(table);
    Files.writeString(TABLE, table);
    Files.writeString(SAID, said);
  }
}
