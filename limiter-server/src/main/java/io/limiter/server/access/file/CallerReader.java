package io.limiter.server.access.file;

import io.limiter.server.access.CallerLimits;
import io.limiter.server.access.KnownCaller;
import io.limiter.server.access.SecretHash;
import io.limiter.server.rules.Suggestion;
import io.limiter.server.rules.syntax.Syntax;
import io.limiter.server.rules.yaml.BadValueException;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problems;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Reads callers. No two of them may be told by the same. */
final class CallerReader {
  static final List<String> FIELDS =
      List.of("name", "certificates", "tokens", "jwt", "users", "grants", "bounds");
  static final List<String> ANONYMOUS_FIELDS = List.of("grants", "bounds");
  static final List<String> SUBJECT_FIELDS = List.of("issuer", "subject");
  static final List<String> BOUND_FIELDS =
      List.of(
          "questions",
          "connections",
          "streams",
          "work",
          "bytes",
          "inline-counters",
          "inline-window");

  /** The most ways to tell one caller, of each kind. */
  static final int MOST = 100;

  static final int MOST_TOKENS = 4;

  private static final int LONGEST = 512;
  private static final long MOST_A_SECOND = 1_000_000_000;
  private static final long MOST_BYTES_A_SECOND = 1_000_000_000_000L;
  private static final int MOST_CONNECTIONS = 100_000;
  private static final int MOST_STREAMS = 1_000_000;
  private static final int MOST_COUNTERS = 10_000_000;

  private final Set<String> issuers;
  private final Problems problems;
  private final Set<String> names = new HashSet<>();

  /** Who is told by what, to refuse that of two. */
  private final Map<Object, String> told = new HashMap<>();

  CallerReader(Set<String> issuers, Problems problems) {
    this.issuers = issuers;
    this.problems = problems;
  }

  Optional<KnownCaller> read(Node node) {
    if (!(node instanceof MappingNode mapping)) {
      problems.add(
          node, "a caller is %s; use a mapping with name and grants".formatted(Fields.kind(node)));
      return Optional.empty();
    }
    int before = problems.count();
    Fields fields = new Fields(mapping, FIELDS, problems);
    String name = fields.readOr("name", text -> AccessFile.name("name", text), "");
    fields.missing("name", "give the caller a name of its own");
    if (!name.isEmpty() && !names.add(name)) {
      problems.add(node, "caller \"%s\" is given twice; remove one".formatted(name));
    }
    List<String> certificates = each(fields, "certificates", MOST, name, CallerReader::certificate);
    List<String> tokens = tokens(fields, name);
    List<KnownCaller.Subject> subjects = subjects(fields, name);
    Set<Integer> users = Set.copyOf(each(fields, "users", MOST, name, CallerReader::user));
    boolean nothing =
        certificates.isEmpty() && tokens.isEmpty() && subjects.isEmpty() && users.isEmpty();
    if (nothing && problems.count() == before) {
      problems.add(
          node,
          "caller \"%s\" is told by nothing; give it certificates, tokens, jwt or users"
              .formatted(name));
    }
    return Optional.of(
        new KnownCaller(
            name,
            certificates,
            tokens,
            subjects,
            users,
            GrantReader.read(fields, problems),
            bounds(fields)));
  }

  /** Whoever shows nothing. */
  KnownCaller anonymous(MappingNode node) {
    Fields fields = new Fields(node, ANONYMOUS_FIELDS, problems);
    return new KnownCaller(
        "",
        List.of(),
        List.of(),
        List.of(),
        Set.of(),
        GrantReader.read(fields, problems),
        bounds(fields));
  }

  private <T> List<T> each(
      Fields fields, String field, int most, String name, Function<String, T> read) {
    List<T> values = new ArrayList<>();
    for (Node node : GrantReader.bounded(problems, fields, field, most)) {
      if (!(node instanceof ScalarNode scalar)) {
        problems.add(
            node, "%s holds %s; use a list of single values".formatted(field, Fields.kind(node)));
        continue;
      }
      Fields.parsed(scalar, read, problems)
          .filter(value -> isAlone(value, field, name, node))
          .ifPresent(values::add);
    }
    return values;
  }

  private boolean isAlone(Object value, String field, String name, Node at) {
    String first = told.putIfAbsent(List.of(field, value), name);
    if (first != null) {
      problems.add(
          at,
          "%s: another entry, of caller \"%s\", is told by the same; remove one"
              .formatted(field, first));
    }
    return first == null;
  }

  private List<String> tokens(Fields fields, String name) {
    return each(
        fields,
        "tokens",
        MOST_TOKENS,
        name,
        text -> {
          Optional<String> problem = SecretHash.problem(text);
          if (problem.isPresent()) {
            throw new BadValueException("an entry of tokens " + problem.get());
          }
          return text;
        });
  }

  private List<KnownCaller.Subject> subjects(Fields fields, String name) {
    List<KnownCaller.Subject> subjects = new ArrayList<>();
    for (Node node : GrantReader.bounded(problems, fields, "jwt", MOST)) {
      if (!(node instanceof MappingNode mapping)) {
        problems.add(
            node,
            "an entry of jwt is %s; use a mapping with issuer and subject"
                .formatted(Fields.kind(node)));
        continue;
      }
      Fields own = new Fields(mapping, SUBJECT_FIELDS, problems);
      Optional<Located<String>> issuer = own.read("issuer", this::issuer);
      Optional<Located<String>> subject = own.read("subject", text -> text("subject", text));
      own.missing("issuer", "name one of issuers");
      own.missing("subject", "say what its tokens have as sub");
      if (issuer.isPresent() && subject.isPresent()) {
        KnownCaller.Subject found =
            new KnownCaller.Subject(issuer.get().value(), subject.get().value());
        if (isAlone(found, "jwt", name, node)) {
          subjects.add(found);
        }
      }
    }
    return subjects;
  }

  private String issuer(String text) {
    if (!issuers.contains(text)) {
      throw new BadValueException(
          "issuer \"%s\" is none of issuers; %s"
              .formatted(
                  text, issuers.isEmpty() ? "add it to issuers" : Suggestion.meant(text, issuers)));
    }
    return text;
  }

  private static String text(String field, String text) {
    if (text.isEmpty() || text.length() > LONGEST) {
      throw new BadValueException(
          "%s: an entry has %d characters; use 1 to %d".formatted(field, text.length(), LONGEST));
    }
    return text;
  }

  /** A URI as it is, or a host's name, of which case does not matter. */
  private static String certificate(String text) {
    String name = text("certificates", text);
    return name.indexOf(':') < 0 ? name.toLowerCase(Locale.ROOT) : name;
  }

  private static Integer user(String text) {
    long user = Syntax.count("users", text);
    if (user > Integer.MAX_VALUE) {
      throw new BadValueException(
          "users %s is out of range; use ids of 0 to %d".formatted(text, Integer.MAX_VALUE));
    }
    return (int) user;
  }

  private CallerLimits bounds(Fields fields) {
    return fields
        .mapping("bounds", "a mapping with questions")
        .map(
            node -> {
              Fields own = new Fields(node, BOUND_FIELDS, problems);
              return new CallerLimits(
                  own.readOr("questions", text -> pace("questions", text, MOST_A_SECOND), 0L),
                  own.readOr(
                          "connections", text -> bound("connections", text, MOST_CONNECTIONS), 0L)
                      .intValue(),
                  own.readOr("streams", text -> bound("streams", text, MOST_STREAMS), 0L)
                      .intValue(),
                  own.readOr("work", text -> pace("work", text, MOST_A_SECOND), 0L),
                  own.readOr("bytes", text -> pace("bytes", text, MOST_BYTES_A_SECOND), 0L),
                  own.readOr(
                          "inline-counters",
                          text -> bound("inline-counters", text, MOST_COUNTERS),
                          0L)
                      .intValue(),
                  own.readOr("inline-window", text -> Syntax.duration("inline-window", text), 0L));
            })
        .orElse(CallerLimits.NONE);
  }

  private static Long pace(String field, String text, long most) {
    if (!text.endsWith("/s")) {
      throw new BadValueException(
          "%s \"%s\" is not a pace; use a number a second, such as 500/s".formatted(field, text));
    }
    return bound(field, text.substring(0, text.length() - 2), most);
  }

  private static Long bound(String field, String text, long most) {
    long bound = Syntax.count(field, text);
    if (bound < 1 || bound > most) {
      throw new BadValueException(
          "%s %s is out of range; use 1 to %d, or leave it out for no bound"
              .formatted(field, text, most));
    }
    return bound;
  }
}
