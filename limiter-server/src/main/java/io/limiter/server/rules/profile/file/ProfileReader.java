package io.limiter.server.rules.profile.file;

import io.limiter.algorithm.Bounds;
import io.limiter.server.header.HeaderNames;
import io.limiter.server.rules.profile.ClientAddress;
import io.limiter.server.rules.profile.Cost;
import io.limiter.server.rules.profile.OriginalHeaders;
import io.limiter.server.rules.profile.Profile;
import io.limiter.server.rules.profile.Reading;
import io.limiter.server.rules.profile.Telling;
import io.limiter.server.rules.syntax.Syntax;
import io.limiter.server.rules.yaml.BadValueException;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problems;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads one profile. */
final class ProfileReader {
  static final List<String> FIELDS =
      List.of(
          "domain",
          "attributes",
          "client-address-from",
          "trusted-proxies",
          "method-header",
          "uri-header",
          "host-header",
          "cost",
          "deadline-headers",
          "on-denial",
          "on-no-decision",
          "headers");
  static final List<String> COST_FIELDS = List.of("header", "most");

  private static final String NONE = "none";
  private static final String FORWARDED = "forwarded";
  private static final String LIST = "x-forwarded-for";

  private ProfileReader() {}

  static ReadProfile read(String name, String file, Node at, Node node, Problems problems) {
    if (!(node instanceof MappingNode mapping)) {
      problems.add(
          node, "profile %s is %s; use a mapping with domain".formatted(name, Fields.kind(node)));
      return new ReadProfile(at, Optional.empty(), Optional.empty());
    }
    int problemsBefore = problems.count();
    Fields fields = new Fields(mapping, FIELDS, problems);
    Optional<Located<String>> domain = fields.read("domain", text -> Syntax.name("domain", text));
    fields.missing("domain", "name the domain whose rules decide");
    Reading reading =
        new Reading(
            AttributesReader.read(fields, problems),
            original(fields),
            client(fields, problems),
            cost(fields, problems),
            fields.flag("deadline-headers"));
    Telling telling = TellingReader.read(fields, problems);
    return new ReadProfile(
        at,
        domain,
        domain
            .filter(known -> problems.count() == problemsBefore)
            .map(known -> new Profile(name, file, known.value(), reading, telling)));
  }

  private static OriginalHeaders original(Fields fields) {
    OriginalHeaders defaults = OriginalHeaders.DEFAULTS;
    return new OriginalHeaders(
        headerOrNone(fields, "method-header", defaults.method()),
        headerOrNone(fields, "uri-header", defaults.uri()),
        headerOrNone(fields, "host-header", defaults.host()));
  }

  private static @Nullable String headerOrNone(
      Fields fields, String field, @Nullable String otherwise) {
    Function<String, String> read = text -> text.equals(NONE) ? NONE : header(field, text);
    Optional<String> given = fields.read(field, read).map(Located::value);
    return given.isEmpty() ? otherwise : given.filter(header -> !header.equals(NONE)).orElse(null);
  }

  /** The name of a header. */
  static String header(String field, String text) {
    if (!HeaderNames.isName(text)) {
      throw new BadValueException(
          "%s \"%s\" is not the name of a header; use 1 to 64 letters, digits and dashes, such as X-User"
              .formatted(field, text));
    }
    return text;
  }

  private static ClientAddress client(Fields fields, Problems problems) {
    String header =
        fields.readOr(
            "client-address-from",
            text -> header("client-address-from", text),
            ClientAddress.DEFAULT.header());
    Optional<Located<Integer>> trusted =
        fields.read(
            "trusted-proxies",
            text -> Syntax.bits("trusted-proxies", text, ClientAddress.MOST_TRUSTED));
    int proxies = trusted.map(Located::value).orElse(ClientAddress.DEFAULT.trusted());
    ClientAddress.From from =
        switch (header.toLowerCase(Locale.ROOT)) {
          case FORWARDED -> ClientAddress.From.FORWARDED;
          case LIST -> ClientAddress.From.LIST;
          default -> ClientAddress.From.ONE;
        };
    if (from == ClientAddress.From.ONE) {
      trusted.ifPresent(
          given ->
              problems.add(
                  given.at(),
                  "trusted-proxies means nothing for %s, which holds one address; remove it, or use client-address-from: X-Forwarded-For"
                      .formatted(header)));
    }
    return new ClientAddress(from, header, proxies);
  }

  private static Cost cost(Fields fields, Problems problems) {
    if (!(fields.get("cost").orElse(null) instanceof MappingNode mapping)) {
      long usual = fields.readOr("cost", text -> count("cost", text, 0), Cost.ONE.usual());
      return new Cost(null, usual, Math.max(1, usual));
    }
    Fields own = new Fields(mapping, COST_FIELDS, problems);
    String header = own.readOr("header", text -> header("header", text), "");
    long most = own.readOr("most", text -> count("most", text, 1), 1L);
    own.missing("header", "name the header that holds the cost");
    own.missing("most", "say what a request may cost at most");
    return new Cost(header, Cost.ONE.usual(), most);
  }

  private static long count(String field, String text, long least) {
    long count = Syntax.count(field, text);
    if (count < least || count > Bounds.MAX_COUNT) {
      throw new BadValueException(
          "%s %s is out of range; use %d to %d (2^52)"
              .formatted(field, text, least, Bounds.MAX_COUNT));
    }
    return count;
  }
}
