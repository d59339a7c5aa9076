package io.limiter.server.access.file;

import com.nimbusds.jose.jwk.JWK;
import io.limiter.server.access.AccessTable;
import io.limiter.server.access.Issuer;
import io.limiter.server.access.IssuerKeys;
import io.limiter.server.access.KnownCaller;
import io.limiter.server.rules.syntax.Syntax;
import io.limiter.server.rules.yaml.BadValueException;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Problem;
import io.limiter.server.rules.yaml.Problems;
import io.limiter.server.rules.yaml.YamlBounds;
import io.limiter.server.rules.yaml.YamlText;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A file of access, read with the keys that it names. Immutable.
 *
 * @param table empty when there is any problem
 * @param keys of the table's issuers
 * @param problems in the order of the file
 * @param files that were read: this one, and those of keys
 * @param urls of keys that are elsewhere
 */
public record AccessFile(
    Optional<AccessTable> table,
    IssuerKeys keys,
    List<Problem> problems,
    List<Path> files,
    Set<URI> urls) {
  static final List<String> FIELDS = List.of("callers", "anonymous", "issuers");

  /** The most callers, and the most issuers. */
  static final int MOST = 10_000;

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9_-]{1,%d}".formatted(Syntax.LONGEST_NAME));

  /** A file of keys is no larger. */
  private static final int MOST_KEY_BYTES = 1 << 20;

  public AccessFile {
    problems = List.copyOf(problems);
    files = List.copyOf(files);
    urls = Set.copyOf(urls);
  }

  /**
   * Reads a file, and asks nobody. What is wrong with it is among the problems, also that it cannot
   * be read.
   */
  public static AccessFile read(Path path) {
    return read(path, url -> Optional.empty());
  }

  /**
   * The same.
   *
   * @param downloaded what was had from a URL of keys; an issuer has none until then
   */
  static AccessFile read(Path path, Function<URI, Optional<String>> downloaded) {
    Problems problems = new Problems(String.valueOf(path.getFileName()));
    Optional<String> text = text(path, problems, YamlBounds.MOST_BYTES);
    Optional<MappingNode> root =
        text.flatMap(
            known ->
                YamlText.read(
                    known,
                    problems,
                    YamlBounds.WIDE,
                    envoys -> false,
                    "start with callers: and a list of them",
                    "join them in one"));
    if (root.isEmpty()) {
      return new AccessFile(
          Optional.empty(), IssuerKeys.NONE, problems.list(), List.of(path), Set.of());
    }
    return new Reading(path, downloaded, problems).read(root.get());
  }

  private static Optional<String> text(Path path, Problems problems, int most) {
    String wrong;
    try {
      long bytes = Files.size(path);
      if (bytes <= most) {
        return Optional.of(Files.readString(path, StandardCharsets.UTF_8));
      }
      wrong = "the file has %d bytes; use at most %d".formatted(bytes, most);
    } catch (NoSuchFileException e) {
      wrong = "the file is not there; name one that is";
    } catch (AccessDeniedException e) {
      wrong = "the file may not be read by this user; allow it";
    } catch (IOException e) {
      wrong = "the file cannot be read (%s); name one in UTF-8".formatted(e.getMessage());
    }
    problems.add(1, 1, wrong);
    return Optional.empty();
  }

  /** One file as it is being read. */
  private static final class Reading {
    private final Path path;
    private final Function<URI, Optional<String>> downloaded;
    private final Problems problems;
    private final List<Path> files = new ArrayList<>();
    private final Set<URI> urls = new LinkedHashSet<>();
    private final Map<String, Issuer> issuers = new LinkedHashMap<>();
    private final Map<String, IssuerKeys.Trusted> keys = new HashMap<>();

    Reading(Path path, Function<URI, Optional<String>> downloaded, Problems problems) {
      this.path = path;
      this.downloaded = downloaded;
      this.problems = problems;
      files.add(path);
    }

    AccessFile read(MappingNode root) {
      Fields fields = new Fields(root, FIELDS, problems);
      fields.missing("callers", "add a list of callers, or callers: [] for none");
      for (Node node : bounded(fields, "issuers", "a list of issuers")) {
        IssuerReader.read(node, path, problems).ifPresent(issuer -> add(issuer, node));
      }
      CallerReader reader = new CallerReader(issuers.keySet(), problems);
      List<KnownCaller> callers = new ArrayList<>();
      for (Node node : bounded(fields, "callers", "a list of callers, or [] for none")) {
        reader.read(node).ifPresent(callers::add);
      }
      fields
          .mapping("anonymous", "a mapping with grants")
          .ifPresent(node -> callers.add(reader.anonymous(node)));
      return new AccessFile(
          problems.count() > 0
              ? Optional.empty()
              : Optional.of(new AccessTable(callers, List.copyOf(issuers.values()))),
          new IssuerKeys(keys),
          problems.list(),
          files,
          urls);
    }

    private List<Node> bounded(Fields fields, String field, String remedy) {
      List<Node> all = fields.list(field, remedy);
      if (all.size() > MOST) {
        problems.add(
            all.get(MOST), "%s has %d entries; use at most %d".formatted(field, all.size(), MOST));
        return List.of();
      }
      return all;
    }

    private void add(Issuer issuer, Node at) {
      if (issuers.putIfAbsent(issuer.name(), issuer) != null) {
        problems.add(at, "issuer \"%s\" is given twice; remove one".formatted(issuer.name()));
        return;
      }
      List<JWK> known = issuer.hasFile() ? inFile(issuer, at) : at(issuer.keys());
      if (keys.putIfAbsent(issuer.issuer(), new IssuerKeys.Trusted(issuer, known)) != null) {
        problems.add(
            at,
            "issuer %s is that of two entries; give each its own, with all keys in one file"
                .formatted(issuer.issuer()));
      }
    }

    /** None if there is a problem. */
    private List<JWK> inFile(Issuer issuer, Node at) {
      Path file = Path.of(issuer.keys());
      files.add(file);
      Problems own = new Problems("");
      Optional<String> text = text(file, own, MOST_KEY_BYTES);
      own.list().forEach(one -> problems.add(at, "keys %s: %s".formatted(file, one.message())));
      try {
        return text.isPresent() ? IssuerKeys.read(text.get()) : List.of();
      } catch (IllegalArgumentException e) {
        problems.add(at, "keys %s: the file %s".formatted(file, e.getMessage()));
        return List.of();
      }
    }

    private List<JWK> at(URI url) {
      urls.add(url);
      return downloaded.apply(url).map(IssuerKeys::read).orElse(List.of());
    }
  }

  /**
   * A name of a caller or an issuer.
   *
   * @param field what it is given as, for the message
   * @throws BadValueException if it is none
   */
  public static String name(String field, String text) {
    if (!NAME.matcher(text).matches()) {
      throw new BadValueException(
          "%s \"%s\" is not a name; use 1 to %d letters, digits, underscores and dashes%s"
              .formatted(
                  field,
                  text,
                  Syntax.LONGEST_NAME,
                  text.indexOf('.') < 0 ? "" : ", without dots: one ends the name in a token"));
    }
    return text;
  }
}
