package io.limiter.server.access.file;

import io.limiter.server.access.Issuer;
import io.limiter.server.rules.syntax.Syntax;
import io.limiter.server.rules.yaml.BadValueException;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problems;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads who signs tokens. */
final class IssuerReader {
  static final List<String> FIELDS = List.of("name", "issuer", "audience", "keys", "leeway");

  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
  private static final Duration LEEWAY = Duration.ofSeconds(30);
  private static final long MOST_LEEWAY_MICROS = 300_000_000;
  private static final int LONGEST = 512;

  private IssuerReader() {}

  static Optional<Issuer> read(Node node, Path beside, Problems problems) {
    if (!(node instanceof MappingNode mapping)) {
      problems.add(
          node,
          "an issuer is %s; use a mapping with name, issuer, audience and keys"
              .formatted(Fields.kind(node)));
      return Optional.empty();
    }
    int before = problems.count();
    Fields fields = new Fields(mapping, FIELDS, problems);
    Optional<String> name = value(fields, "name", text -> AccessFile.name("name", text));
    Optional<String> issuer = value(fields, "issuer", text -> text("issuer", text));
    Optional<String> audience = value(fields, "audience", text -> text("audience", text));
    Optional<URI> keys = value(fields, "keys", text -> keys(text, beside));
    Duration leeway = fields.readOr("leeway", IssuerReader::leeway, LEEWAY);
    fields.missing("name", "name it, so that callers can refer to it");
    fields.missing("issuer", "say what its tokens have as iss");
    fields.missing("audience", "say what tokens for this service have as aud");
    fields.missing("keys", "name a file of its public keys, or the URL of its JWKS document");
    return problems.count() > before
        ? Optional.empty()
        : Optional.of(
            new Issuer(
                name.orElseThrow(),
                issuer.orElseThrow(),
                audience.orElseThrow(),
                keys.orElseThrow(),
                leeway));
  }

  private static <T> Optional<T> value(
      Fields fields, String field, java.util.function.Function<String, T> read) {
    return fields.read(field, read).map(Located::value);
  }

  private static String text(String field, String text) {
    if (text.isEmpty() || text.length() > LONGEST) {
      throw new BadValueException(
          "%s has %d characters; use 1 to %d".formatted(field, text.length(), LONGEST));
    }
    return text;
  }

  /** A name alone is that of a file beside the one that is read. */
  private static URI keys(String text, Path beside) {
    if (text.contains("://")) {
      return url(text);
    }
    try {
      return beside.toAbsolutePath().resolveSibling(text).toUri();
    } catch (InvalidPathException e) {
      throw new BadValueException("keys \"%s\" is no path; name a file".formatted(text));
    }
  }

  private static URI url(String text) {
    URI at;
    try {
      at = new URI(text);
    } catch (URISyntaxException e) {
      throw new BadValueException(
          "keys \"%s\" is no URL; write one such as https://id.example.com/jwks.json"
              .formatted(text));
    }
    if (at.getHost() == null || at.getUserInfo() != null || at.getFragment() != null) {
      throw new BadValueException(
          "keys \"%s\" is no URL of a host and a path alone; write one such as https://id.example.com/jwks.json"
              .formatted(text));
    }
    boolean inClear = at.getScheme().equals("http") && LOOPBACK.contains(at.getHost());
    if (!at.getScheme().equals("https") && !inClear) {
      throw new BadValueException(
          "keys \"%s\" can be changed by anybody on the way; use https, or http to 127.0.0.1"
              .formatted(text));
    }
    return at;
  }

  private static Duration leeway(String text) {
    long micros = Syntax.duration("leeway", text);
    if (micros > MOST_LEEWAY_MICROS) {
      throw new BadValueException(
          "leeway %s is out of range; use 0s to 5m, and set the clocks".formatted(text));
    }
    return Duration.ofNanos(micros * 1_000);
  }
}
