package io.limiter.server.rules.file;

import io.limiter.server.rules.Domain;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problem;
import io.limiter.server.rules.yaml.Problems;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Loads rules, one YAML file for each domain. A file with problems contributes no rules; the others
 * do. Names of domains, rules and units are 1 to 64 letters, digits, dots, underscores and dashes;
 * names of attributes 1 to 64 characters without white space.
 */
public final class RuleFiles {
  /** The largest file, in bytes: 64 MiB. What is in it is bounded more closely. */
  private static final long MOST_BYTES = 64L << 20;

  private static final List<String> SAMPLES = List.of("ai.yaml", "demo.yaml", "edge.yaml");

  private RuleFiles() {}

  /**
   * A file's name and what is in it.
   *
   * @param file the name that problems are reported under
   */
  public record Source(String file, String text) {}

  /**
   * Loads the {@code *.yaml} and {@code *.yml} files of a directory, without those below it. Names
   * that begin with a dot are left out, such as the {@code ..data} of a mounted ConfigMap; symbolic
   * links are followed.
   *
   * @throws IOException when the directory cannot be listed. A file that cannot be read is a
   *     problem like any other
   */
  public static LoadedRules load(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      throw new NoSuchFileException(
          directory.toString(), null, "rules directory is missing; create it or name another");
    }
    if (!Files.isDirectory(directory)) {
      throw new NotDirectoryException(directory.toString());
    }
    return loaded(in(directory).stream().map(RuleFiles::read).toList());
  }

  /**
   * The files of a directory that are read, in the order of their names.
   *
   * @throws IOException when the directory cannot be listed
   */
  public static List<Path> in(Path directory) throws IOException {
    try (Stream<Path> paths = Files.list(directory)) {
      return paths.filter(RuleFiles::holdsRules).sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Loads files that are in memory, in the given order. */
  public static LoadedRules load(List<Source> sources) {
    return loaded(sources.stream().map(RuleFiles::read).toList());
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

  private static boolean holdsRules(Path path) {
    String name = path.getFileName().toString();
    return !name.startsWith(".")
        && (name.endsWith(".yaml") || name.endsWith(".yml"))
        && !Files.isDirectory(path);
  }

  /** A file that was found, and the hash of its contents, if they could be read. */
  private record Found(DomainFile file, Optional<String> sha256) {}

  private static Found read(Source source) {
    byte[] bytes = source.text.getBytes(StandardCharsets.UTF_8);
    return new Found(DomainFile.read(source.file, source.text), Optional.of(ContentHash.of(bytes)));
  }

  private static Found read(Path path) {
    String file = path.getFileName().toString();
    Problems problems = new Problems(file);
    Optional<String> sha256 = Optional.empty();
    try {
      long bytes = Files.size(path);
      if (bytes <= MOST_BYTES && Files.isRegularFile(path)) {
        byte[] contents = Files.readAllBytes(path);
        sha256 = Optional.of(ContentHash.of(contents));
        String text =
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(contents)).toString();
        return new Found(DomainFile.read(file, text), sha256);
      }
      problems.add(
          1,
          1,
          "cannot be read: not a regular file of at most %d bytes; replace it"
              .formatted(MOST_BYTES));
    } catch (CharacterCodingException e) {
      problems.add(1, 1, "cannot be read: not UTF-8; save it as UTF-8");
    } catch (NoSuchFileException e) {
      problems.add(1, 1, "cannot be read: its link leads nowhere; replace it");
    } catch (IOException e) {
      problems.add(1, 1, "cannot be read: %s; check who may read it".formatted(e.getMessage()));
    }
    return new Found(DomainFile.unreadable(problems), sha256);
  }

  private static LoadedRules loaded(List<Found> found) {
    Map<String, List<DomainFile>> byDomain = new LinkedHashMap<>();
    for (Found one : found) {
      one.file
          .domain()
          .ifPresent(
              domain ->
                  byDomain
                      .computeIfAbsent(domain.value(), none -> new ArrayList<>())
                      .add(one.file));
    }
    byDomain.values().forEach(RuleFiles::reportShared);
    List<FileRead> files = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    List<Domain.Known> domains = new ArrayList<>();
    for (Found one : found) {
      DomainFile file = one.file;
      problems.addAll(file.problems().list());
      Optional<Domain.Known> rules = file.rules().filter(known -> file.problems().count() == 0);
      rules.ifPresent(domains::add);
      Optional<String> domain = file.domain().map(Located::value);
      files.add(new FileRead(file.problems().file(), one.sha256, domain, rules.isPresent()));
    }
    return new LoadedRules(RuleTable.of(domains), problems, files);
  }

  /** A domain in several files is a problem of each of them. */
  private static void reportShared(List<DomainFile> files) {
    if (files.size() < 2) {
      return;
    }
    for (DomainFile file : files) {
      String others =
          String.join(
              ", ",
              files.stream()
                  .filter(other -> !other.equals(file))
                  .map(other -> other.problems().file())
                  .toList());
      file.domain()
          .ifPresent(
              domain ->
                  file.problems()
                      .add(
                          domain.at(),
                          "domain \"%s\" is also in %s; put all its rules in one file"
                              .formatted(domain.value(), others)));
    }
  }
}
