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
    List<Found> found = new ArrayList<>();
    List<LeftOut> leftOut = new ArrayList<>(folder.leftOut());
    TableHeap heap = TableHeap.of(inForceBytes);
    long bytes = 0;
    for (FolderFiles.Found file : folder.files()) {
      Found read = read(file, found.size(), bytes, heap);
      bytes += read.bytes;
      if (file.plain() || read.notEnvoys.isEmpty()) {
        found.add(read);
      } else {
        leftOut.add(new LeftOut(file.name(), read.notEnvoys.get()));
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

  /**
   * A file that was found.
   *
   * @param sha256 of its contents, if they could be read
   * @param plain whether it is for rules by its name
   * @param notEnvoys why it is no configuration of Envoy's service; empty if it is one
   * @param says the domain that it seems to be for, if it cannot be parsed
   * @param bytes how many of it were read
   */
  private record Found(
      DomainFile file,
      Optional<String> sha256,
      boolean plain,
      Optional<String> notEnvoys,
      Optional<String> says,
      long bytes) {
    String name() {
      return file.problems().file();
    }

    static Found unreadable(Problems problems, Optional<String> sha256, boolean plain, long bytes) {
      return new Found(
          DomainFile.unreadable(problems),
          sha256,
          plain,
          problems.list().stream().findFirst().map(Problem::message),
          Optional.empty(),
          bytes);
    }
  }

  private static Found read(Source source, TableHeap heap) {
    byte[] bytes = source.text.getBytes(StandardCharsets.UTF_8);
    return read(source.file, bytes, source.text, /* plain= */ true, heap);
  }

  private static Found read(String name, byte[] bytes, String text, boolean plain, TableHeap heap) {
    Optional<String> notEnvoys = plain ? Optional.empty() : OtherFile.notEnvoys(text, heap);
    DomainFile file =
        notEnvoys.isPresent()
            ? DomainFile.unreadable(new Problems(name))
            : DomainFile.read(name, text, heap);
    Optional<String> says = file.domain().map(Located::value).or(() -> OtherFile.domainOf(text));
    Optional<String> sha256 = Optional.of(ContentHash.of(bytes));
    return new Found(file, sha256, plain, notEnvoys, says, bytes.length);
  }

  /**
   * Reads a file.
   *
   * @param before how many files of the directory were read before
   * @param bytesBefore and how many bytes of these
   */
  private static Found read(FolderFiles.Found file, int before, long bytesBefore, TableHeap heap) {
    Problems problems = new Problems(file.name());
    try {
      long bytes = Files.size(file.path());
      if (!Files.isRegularFile(file.path())) {
        problems.add(1, 1, "cannot be read: not a regular file; replace it");
        return Found.unreadable(problems, Optional.empty(), file.plain(), 0);
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
        return Found.unreadable(problems, Optional.of(sha256), file.plain(), contents.length);
      }
      String text = new String(contents, StandardCharsets.UTF_8);
      return read(file.name(), contents, text, file.plain(), heap);
    } catch (NoSuchFileException e) {
      problems.add(1, 1, "cannot be read: its link leads nowhere; replace it");
    } catch (IOException e) {
      problems.add(1, 1, "cannot be read: %s; check who may read it".formatted(e.getMessage()));
    }
    return Found.unreadable(problems, Optional.empty(), file.plain(), 0);
  }

  /** A file that is too much: known by its size until that changes, and so not read again. */
  private static Found unread(Problems problems, long bytes, boolean plain) {
    byte[] said = "not read, %d bytes".formatted(bytes).getBytes(StandardCharsets.UTF_8);
    return Found.unreadable(problems, Optional.of(ContentHash.of(said)), plain, 0);
  }

  private static LoadedRules loaded(List<Found> all, List<LeftOut> skipped) {
    List<LeftOut> leftOut = new ArrayList<>(skipped);
    List<Found> found = withoutCopies(all, leftOut);
    byDomain(found).values().forEach(RuleFiles::reportShared);
    List<FileRead> files = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    List<Problem> warnings = new ArrayList<>();
    List<Domain.Known> domains = new ArrayList<>();
    Map<String, String> unreadable = new LinkedHashMap<>();
    Map<String, Long> heapBytes = new HashMap<>();
    for (Found one : found) {
      DomainFile file = one.file;
      problems.addAll(file.problems().list());
      warnings.addAll(file.problems().warnings());
      Optional<Domain.Known> rules = file.rules().filter(known -> file.problems().count() == 0);
      if (rules.isPresent()) {
        domains.add(rules.get());
        heapBytes.put(rules.get().name(), file.heapBytes());
      }
      Optional<String> domain = file.domain().map(Located::value);
      if (rules.isEmpty()) {
        one.says.ifPresent(says -> unreadable.put(says, one.name()));
      }
      files.add(new FileRead(one.name(), one.sha256, domain, rules.isPresent()));
    }
    RuleTable table = RuleTable.of(domains, heapBytes).withUnreadable(unreadable);
    return new LoadedRules(table, problems, files, warnings, leftOut);
  }

  private static Map<String, List<Found>> byDomain(List<Found> found) {
    Map<String, List<Found>> byDomain = new LinkedHashMap<>();
    for (Found one : found) {
      one.file
          .domain()
          .ifPresent(
              domain ->
                  byDomain.computeIfAbsent(domain.value(), none -> new ArrayList<>()).add(one));
    }
    return byDomain;
  }

  /** Of a domain that has a file by its name, other files are copies: backups and such. */
  private static List<Found> withoutCopies(List<Found> all, List<LeftOut> leftOut) {
    List<Found> kept = new ArrayList<>(all);
    byDomain(all)
        .forEach(
            (domain, files) -> {
              Optional<Found> first = files.stream().filter(Found::plain).findFirst();
              files.removeIf(file -> first.isEmpty() || file.plain);
              kept.removeAll(files);
              String why = "its domain \"%s\" is in %s; use another domain, or remove one";
              for (Found copy : files) {
                leftOut.add(
                    new LeftOut(copy.name(), why.formatted(domain, first.orElse(copy).name())));
              }
            });
    return kept;
  }

  /** A domain in several files is a problem of each of them. */
  private static void reportShared(List<Found> files) {
    if (files.size() < 2) {
      return;
    }
    for (Found one : files) {
      String others =
          String.join(
              ", ", files.stream().filter(other -> !other.equals(one)).map(Found::name).toList());
      one.file
          .domain()
          .ifPresent(
              domain ->
                  one.file
                      .problems()
                      .add(
                          domain.at(),
                          "domain \"%s\" is also in %s; put all its rules in one file"
                              .formatted(domain.value(), others)));
    }
  }
}
