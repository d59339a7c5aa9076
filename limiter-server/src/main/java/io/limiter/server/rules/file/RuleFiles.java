package io.limiter.server.rules.file;

import com.google.common.base.Utf8;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.file.LoadedRules.LeftOut;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problem;
import io.limiter.server.rules.yaml.Problems;
import io.limiter.server.rules.yaml.YamlBounds;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Loads rules, one YAML file for each domain. A file with problems contributes no rules; the others
 * do. Names of domains, rules and units are 1 to 64 letters, digits, dots, underscores and dashes;
 * names of attributes 1 to 64 characters without white space.
 */
public final class RuleFiles {
  /** The most files of a directory. */
  static final int MOST_FILES = 1_000;

  /** The most bytes of all files of a directory together: 64 Mi. */
  static final long MOST_TOTAL_BYTES = 64L << 20;

  private static final List<String> SAMPLES = List.of("ai.yaml", "demo.yaml", "edge.yaml");

  private RuleFiles() {}

  /** A file's contents, and the name that problems are reported under. */
  public record Source(String file, String text) {}

  /**
   * Loads the {@code *.yaml} and {@code *.yml} files of a directory, and of all other files, also
   * in folders below it, those that are configurations of Envoy's service, which reads them under
   * any name. Symbolic links are followed.
   *
   * @throws IOException when the directory cannot be listed. A file that cannot be read is a
   *     problem like any other
   */
  public static LoadedRules load(Path directory) throws IOException {
    return load(directory, RuleTable.EMPTY);
  }

  /**
   * The same beside a table that stays in force meanwhile, and takes its part of the heap.
   *
   * @param inForce the table that is decided by until this one is loaded
   */
  public static LoadedRules load(Path directory, RuleTable inForce) throws IOException {
    return load(directory, inForce.heapBytes());
  }

  static LoadedRules load(Path directory, long inForceBytes) throws IOException {
    if (!Files.exists(directory)) {
      throw new NoSuchFileException(
          directory.toString(), null, "rules directory is missing; create it or name another");
    }
    if (!Files.isDirectory(directory)) {
      throw new NotDirectoryException(directory.toString());
    }
    FolderFiles folder = FolderFiles.of(directory);
    List<FoundFile> found = new ArrayList<>();
    List<LeftOut> leftOut = new ArrayList<>(folder.leftOut());
    TableHeap heap = TableHeap.of(inForceBytes);
    long bytes = 0;
    for (FolderFiles.Found file : folder.files()) {
      FoundFile read = read(file, found.size(), bytes, heap);
      bytes += read.bytes();
      if (file.plain() || read.notEnvoys().isEmpty()) {
        found.add(read);
      } else {
        leftOut.add(new LeftOut(file.name(), read.notEnvoys().get()));
      }
    }
    return loaded(found, leftOut);
  }

  /**
   * The files of a directory that may be read, in the order of their names.
   *
   * @throws IOException when the directory cannot be listed
   */
  public static List<Path> in(Path directory) throws IOException {
    return FolderFiles.of(directory).files().stream().map(FolderFiles.Found::path).toList();
  }

  /** Loads files that are in memory, in the given order. */
  public static LoadedRules load(List<Source> sources) {
    TableHeap heap = TableHeap.of(0);
    return loaded(sources.stream().map(source -> read(source, heap)).toList(), List.of());
  }

  /** Loads the sample rules that ship with the program: {@code ai}, {@code demo}, {@code edge}. */
  public static LoadedRules samples() {
    return load(SAMPLES.stream().map(RuleFiles::sample).toList());
  }

  private static Source sample(String file) {
    String resource = "/sample-rules/" + file;
    try (InputStream stream = RuleFiles.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new NoSuchFileException(resource, null, "not on the class path");
      }
      return new Source(file, new String(stream.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FoundFile read(Source source, TableHeap heap) {
    byte[] bytes = source.text.getBytes(StandardCharsets.UTF_8);
    return read(source.file, bytes, source.text, /* plain= */ true, heap);
  }

  private static FoundFile read(
      String name, byte[] bytes, String text, boolean plain, TableHeap heap) {
    Optional<String> notEnvoys = plain ? Optional.empty() : OtherFile.notEnvoys(text, heap);
    DomainFile file =
        notEnvoys.isPresent()
            ? DomainFile.unreadable(new Problems(name))
            : DomainFile.read(name, text, heap);
    Optional<String> says = file.domain().map(Located::value).or(() -> OtherFile.domainOf(text));
    Optional<String> sha256 = Optional.of(ContentHash.of(bytes));
    return new FoundFile(file, sha256, plain, notEnvoys, says, bytes.length);
  }

  /**
   * Reads a file.
   *
   * @param before how many files of the directory were read before
   * @param bytesBefore and how many bytes of these
   */
  private static FoundFile read(
      FolderFiles.Found file, int before, long bytesBefore, TableHeap heap) {
    Problems problems = new Problems(file.name());
    try {
      long bytes = Files.size(file.path());
      if (!Files.isRegularFile(file.path())) {
        problems.add(1, 1, "cannot be read: not a regular file; replace it");
        return FoundFile.unreadable(problems, Optional.empty(), file.plain(), 0);
      }
      Optional<String> tooMuch = heap.tooMuch(before, bytesBefore, bytes);
      if (tooMuch.isPresent()) {
        problems.add(1, 1, tooMuch.get());
        return unread(problems, bytes, file.plain());
      }
      byte[] contents;
      try (InputStream stream = Files.newInputStream(file.path())) {
        contents = stream.readNBytes(YamlBounds.MOST_BYTES);
      }
      if (!Utf8.isWellFormed(contents)) {
        problems.add(1, 1, "cannot be read: not UTF-8; save it as UTF-8");
        String sha256 = ContentHash.of(contents);
        return FoundFile.unreadable(problems, Optional.of(sha256), file.plain(), contents.length);
      }
      String text = new String(contents, StandardCharsets.UTF_8);
      return read(file.name(), contents, text, file.plain(), heap);
    } catch (NoSuchFileException e) {
      problems.add(1, 1, "cannot be read: its link leads nowhere; replace it");
    } catch (IOException e) {
      problems.add(1, 1, "cannot be read: %s; check who may read it".formatted(e.getMessage()));
    }
    return FoundFile.unreadable(problems, Optional.empty(), file.plain(), 0);
  }

  /** A file that is too much: known by its size until that changes, and so not read again. */
  private static FoundFile unread(Problems problems, long bytes, boolean plain) {
    byte[] said = "not read, %d bytes".formatted(bytes).getBytes(StandardCharsets.UTF_8);
    return FoundFile.unreadable(problems, Optional.of(ContentHash.of(said)), plain, 0);
  }

  private static LoadedRules loaded(List<FoundFile> all, List<LeftOut> skipped) {
    List<LeftOut> leftOut = new ArrayList<>(skipped);
    List<FoundFile> found = SharedNames.withoutCopies(all, leftOut);
    SharedNames.report(found);
    SharedPrices prices = SharedPrices.report(found);
    List<FileRead> files = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    List<Problem> warnings = new ArrayList<>();
    List<Domain.Known> domains = new ArrayList<>();
    Map<String, String> unreadable = new LinkedHashMap<>();
    Map<String, Long> heapBytes = new HashMap<>();
    for (FoundFile one : found) {
      DomainFile file = one.file();
      problems.addAll(file.problems().list());
      warnings.addAll(file.problems().warnings());
      Optional<Domain.Known> rules =
          file.rules().filter(known -> one.isGood()).map(known -> prices.charging(known, file));
      if (rules.isPresent()) {
        domains.add(rules.get());
        heapBytes.put(rules.get().name(), file.heapBytes());
      } else {
        one.says().ifPresent(says -> unreadable.put(says, one.name()));
      }
      Optional<String> domain = file.domain().map(Located::value);
      boolean ofPrices = file.prices().isPresent() && one.says().isEmpty();
      files.add(new FileRead(one.name(), one.sha256(), domain, ofPrices, one.isGood()));
    }
    RuleTable table =
        RuleTable.of(domains, heapBytes)
            .withUnreadable(unreadable)
            .withProfiles(SharedNames.profiles(found));
    return new LoadedRules(table, problems, files, warnings, leftOut);
  }
}
