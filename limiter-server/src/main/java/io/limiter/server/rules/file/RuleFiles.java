package io.limiter.server.rules.file;

import io.limiter.server.rules.Domain;
import io.limiter.server.rules.file.LoadedRules.LeftOut;
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
   * Loads the {@code *.yaml} and {@code *.yml} files of a directory, and of all other files, also
   * in folders below it, those that are configurations of Envoy's service, which reads them under
   * any name. Symbolic links are followed.
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
    FolderFiles folder = FolderFiles.of(directory);
    List<Found> found = new ArrayList<>();
    List<LeftOut> leftOut = new ArrayList<>(folder.leftOut());
    for (FolderFiles.Found file : folder.files()) {
      Found read = read(file);
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
    return loaded(sources.stream().map(RuleFiles::read).toList(), List.of());
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
   */
  private record Found(
      DomainFile file,
      Optional<String> sha256,
      boolean plain,
      Optional<String> notEnvoys,
      Optional<String> says) {
    String name() {
      return file.problems().file();
    }

    static Found unreadable(Problems problems, Optional<String> sha256, boolean plain) {
      return new Found(
          DomainFile.unreadable(problems),
          sha256,
          plain,
          problems.list().stream().findFirst().map(Problem::message),
          Optional.empty());
    }
  }

  private static Found read(Source source) {
    byte[] bytes = source.text.getBytes(StandardCharsets.UTF_8);
    return read(source.file, source.text, ContentHash.of(bytes), /* plain= */ true);
  }

  private static Found read(String name, String text, String sha256, boolean plain) {
    Optional<String> notEnvoys = plain ? Optional.empty() : OtherFile.notEnvoys(text);
    DomainFile file =
        notEnvoys.isPresent()
            ? DomainFile.unreadable(new Problems(name))
            : DomainFile.read(name, text);
    Optional<String> says = file.domain().map(Located::value).or(() -> OtherFile.domainOf(text));
    return new Found(file, Optional.of(sha256), plain, notEnvoys, says);
  }

  private static Found read(FolderFiles.Found file) {
    Path path = file.path();
    Problems problems = new Problems(file.name());
    Optional<String> sha256 = Optional.empty();
    try {
      long bytes = Files.size(path);
      if (bytes <= MOST_BYTES && Files.isRegularFile(path)) {
        byte[] contents = Files.readAllBytes(path);
        sha256 = Optional.of(ContentHash.of(contents));
        String text =
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(contents)).toString();
        return read(file.name(), text, sha256.get(), file.plain());
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
    return Found.unreadable(problems, sha256, file.plain());
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
    for (Found one : found) {
      DomainFile file = one.file;
      problems.addAll(file.problems().list());
      warnings.addAll(file.problems().warnings());
      Optional<Domain.Known> rules = file.rules().filter(known -> file.problems().count() == 0);
      rules.ifPresent(domains::add);
      Optional<String> domain = file.domain().map(Located::value);
      if (rules.isEmpty()) {
        one.says.ifPresent(says -> unreadable.put(says, one.name()));
      }
      files.add(new FileRead(one.name(), one.sha256, domain, rules.isPresent()));
    }
    RuleTable table = RuleTable.of(domains).withUnreadable(unreadable);
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
            (domain, files) ->
                files.stream()
                    .filter(Found::plain)
                    .findFirst()
                    .ifPresent(
                        first -> {
                          for (Found copy : files) {
                            if (!copy.plain) {
                              kept.remove(copy);
                              leftOut.add(
                                  new LeftOut(
                                      copy.name(),
                                      "its domain \"%s\" is in %s; use another domain, or remove one"
                                          .formatted(domain, first.name())));
                            }
                          }
                        }));
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
