package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TableHeapTest {
  private static final String LIMIT = ", algorithm: fixed-window, limit: 1, window: 1s }";

  @TempDir private Path directory = Path.of("");

  private enum Kind {
    PLAIN(20_000, "rules", i -> "{ name: r" + i + ", key: [user]" + LIMIT),
    KEYS(20_000, "rules", i -> "{ name: r" + i + ", key: [a" + i + "]" + LIMIT),
    EXACT(20_000, "rules", i -> "{ name: r" + i + ", when: { a: v" + i + ", b: c }" + LIMIT),
    NETWORKS(
        20_000,
        "rules",
        i -> "{ name: r" + i + ", when: { ip: 10." + i / 256 + "." + i % 256 + ".0/24 }" + LIMIT),
    STARTS(20_000, "rules", i -> "{ name: r" + i + ", when: { a: \"/v1/s" + i + "/*\" }" + LIMIT),
    MIDDLES(20_000, "rules", i -> "{ name: r" + i + ", when: { a: \"*/s" + i + "/*\" }" + LIMIT),
    LONG(
        1_000,
        "rules",
        i -> "{ name: r" + i + ", when: { a: \"*" + i + "x".repeat(900) + "*\" }" + LIMIT),
    LISTS(
        2_000,
        "rules",
        i ->
            IntStream.range(0, 10)
                .mapToObj(k -> "u" + i + "-" + k)
                .collect(
                    Collectors.joining(", ", "{ name: r" + i + ", when: { a: [", "] }" + LIMIT))),
    OVERRIDES(
        4_000,
        "rules",
        i ->
            "{ name: r"
                + i
                + ", overrides: [{ when: { a: b }, limit: 2 },"
                + " { when: { a: c }, limit: 3, candidate: { limit: 4 } }]"
                + LIMIT),
    DAYS(
        2_000,
        "rules",
        i ->
            "{ name: r"
                + i
                + ", key: [user], algorithm: fixed-window, limit: 5, window: month, unit: u,"
                + " charge: { a: 1, b: 2 }, from: \"{day}\", candidate: { limit: 4 },"
                + " overrides: [{ when: { a: b }, charge: { a: 3, b: 4 } }] }"),
    PRICES(
        1,
        "rules",
        i -> "{ name: r" + LIMIT.replace(" }", ", unit: u, charge: models }"),
        IntStream.range(0, 10_000)
            .mapToObj(i -> "  m%d: { tokens: 3, images: 5 }\n".formatted(i))
            .collect(
                Collectors.joining(
                    "", "prices: models\nkey: model\ndefault: { a: 1 }\nentries:\n", ""))),
    DESCRIPTORS(
        20_000, "descriptors", i -> "{ key: a, value: v" + i + ", rate_limit: { unit: day } }"),
    NESTED(
        5_000,
        "descriptors",
        i ->
            "{ key: a, value: v"
                + i
                + ", descriptors: [{ key: b, descriptors:"
                + " [{ key: c, value: \"d*\", rate_limit: { unit: day } }, { key: e }] }] }");

    private final String file;

    /** What its rules name; empty for nothing. */
    private final String prices;

    Kind(int count, String list, IntFunction<String> element) {
      this(count, list, element, "");
    }

    Kind(int count, String list, IntFunction<String> element, String prices) {
      this.prices = prices;
      file =
          IntStream.range(0, count)
              .mapToObj(element)
              .collect(Collectors.joining("\n- ", "domain: d\n" + list + ":\n- ", "\n"));
    }
  }

  private static long used() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void estimate_isWhatATableTakes_orSomewhatMore(Kind kind) {
    List<RuleFiles.Source> source =
        Stream.of(kind.file, kind.prices)
            .filter(text -> !text.isEmpty())
            .map(text -> new RuleFiles.Source(text.length() + ".yaml", text))
            .toList();
    assertEquals(List.of(), RuleFiles.load(source).problems(), "and so are caches filled");
    long before = used();
    LoadedRules loaded = RuleFiles.load(source);
    long taken = used() - before;
    // Asked of it only now, so that it was there while it was measured.
    long estimate = loaded.table().heapBytes();
    String said = "%s: estimated %d, taken %d".formatted(kind, estimate, taken);
    assertTrue(estimate > 0.9 * taken && estimate < 3 * taken, said);
  }

  @Test
  void aTableBesideOneThatFillsTheHeap_isRefused() throws IOException {
    Files.writeString(directory.resolve("a.yaml"), Kind.PLAIN.file);
    LoadedRules first = RuleFiles.load(directory);
    assertEquals(List.of(), first.problems());
    long heap = Runtime.getRuntime().maxMemory();
    LoadedRules second = RuleFiles.load(directory, heap);
    String said = second.problems().toString();
    assertTrue(said.contains("0 MiB are free") || said.contains("0 bytes of heap are free"), said);
    assertEquals(0, second.table().heapBytes());
    assertEquals(first.table().heapBytes(), second.orLastGood(first.table()).heapBytes());
    assertTrue(second.readWhole(), "and not read again and again");
  }

  private void file(String name, long bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(directory.resolve(name).toFile(), "rw")) {
      file.setLength(bytes);
    }
  }

  @Test
  void aFileOfTooManyBytes_isNotRead() throws IOException {
    file("a.yaml", (16 << 20) + 1);
    LoadedRules loaded = RuleFiles.load(directory);
    assertEquals(
        "[a.yaml:1:1: not read: the file has 16777217 bytes; use at most 16777216, or several"
            + " domains]",
        loaded.problems().toString());
    assertTrue(loaded.readWhole(), "and not looked at again and again");
  }

  @Test
  void bytesOfADirectory_areBounded() throws IOException {
    for (int i = 1; i <= 5; i++) {
      file(i + ".yaml", 15 << 20);
    }
    List<String> said =
        RuleFiles.load(directory).problems().stream().map(Object::toString).toList();
    assertEquals(
        "5.yaml:1:1: not read: the files up to this one have 78643200 bytes together; use at most"
            + " 67108864 in a directory",
        said.get(4));
    assertTrue(said.get(3).contains("not YAML"), said::toString);
  }

  @Test
  void filesOfADirectory_areBounded() throws IOException {
    for (int i = 0; i <= RuleFiles.MOST_FILES; i++) {
      Files.writeString(
          directory.resolve("f%04d.yaml".formatted(i)), "domain: d" + i + "\nrules: []\n");
    }
    LoadedRules loaded = RuleFiles.load(directory);
    assertEquals(
        "[f1000.yaml:1:1: not read: the directory has more than 1000 files of rules; use at most"
            + " 1000]",
        loaded.problems().toString());
    assertEquals(RuleFiles.MOST_FILES, loaded.table().domains().size());
  }
}
