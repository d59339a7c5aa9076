package io.limiter.server.cli.access;

import io.limiter.server.access.AccessTable;
import io.limiter.server.access.CallerLimits;
import io.limiter.server.access.Grant;
import io.limiter.server.access.KnownCaller;
import io.limiter.server.access.Method;
import io.limiter.server.access.file.AccessFile;
import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.console.VersionText;
import io.limiter.server.cli.option.AccessTypes;
import io.limiter.server.cli.option.OptionTypes;
import io.limiter.server.rules.Suggestion;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says whether a caller may do something, and why. */
@Command(
    name = "explain",
    description = "Says whether a caller may do something in a domain, and by which grant.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it may",
      "1:it may not",
      "2:a flag is wrong, or the file has problems or no such caller"
    })
final class AccessExplain implements Callable<Integer> {
  private static final int EXIT_MAY_NOT = 1;
  private static final String ANONYMOUS = "anonymous";

  @Parameters(
      index = "0",
      paramLabel = "CALLER",
      description = "Its name in the file; anonymous for whoever shows nothing.")
  private String name = "";

  @Parameters(
      index = "1",
      paramLabel = "METHOD",
      converter = AccessTypes.OfMethod.class,
      description = "What it wants, as grants name it, such as check.")
  private @Nullable Method method;

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "DOMAIN",
      description = "Where. Not for metrics and rules.")
  private @Nullable String domain;

  @Option(
      names = "--access",
      required = true,
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "YAML file of callers and what each may do.")
  private Path file = Path.of("");

  @Mixin private final Console console = new Console();

  @Override
  public Integer call() {
    Method wanted = Objects.requireNonNull(method, "picocli refuses a line without it");
    String where = where(wanted);
    AccessFile read = AccessFile.read(file);
    if (read.table().isEmpty()) {
      read.problems().forEach(problem -> console.complain(problem.toString()));
      return AccessCommand.EXIT_USAGE;
    }
    KnownCaller caller = caller(read.table().get());
    if (caller == null) {
      return AccessCommand.EXIT_USAGE;
    }
    List<Grant> grants = caller.grants();
    String who = caller.name().isEmpty() ? "whoever shows nothing" : "caller " + caller.name();
    String what = wanted.word() + (wanted.inDomains() ? " in domain " + where : "");
    for (int i = 0; i < grants.size(); i++) {
      if (grants.get(i).allows(wanted, where)) {
        console
            .out()
            .println("%s may %s, by grant %d: %s".formatted(who, what, i + 1, text(grants.get(i))));
        if (!caller.bounds().equals(CallerLimits.NONE)) {
          console.out().println("within its bounds: " + BoundsText.of(caller.bounds()));
        }
        return 0;
      }
    }
    console.out().println("%s may not %s: %s".formatted(who, what, whyNot(wanted, grants)));
    return EXIT_MAY_NOT;
  }

  private String where(Method wanted) {
    String given = domain;
    if (wanted.inDomains() && given == null) {
      throw console.refusal(
          "DOMAIN: a value is missing; %s is granted domain by domain".formatted(wanted.word()));
    }
    if (!wanted.inDomains() && given != null) {
      throw console.refusal(
          "DOMAIN: %s is granted for no domain; leave it out".formatted(wanted.word()));
    }
    return given == null ? "" : given;
  }

  /** Null after it printed that there is none. */
  private @Nullable KnownCaller caller(AccessTable table) {
    KnownCaller caller = name.isEmpty() ? null : table.caller(name);
    if (caller == null && name.equals(ANONYMOUS)) {
      caller = table.anonymous();
      if (caller == null) {
        console.complain(
            "CALLER: %s says nothing of whoever shows nothing, so they may do nothing; add anonymous: to grant them something"
                .formatted(file));
      }
    } else if (caller == null) {
      Set<String> names =
          table.callers().stream()
              .map(KnownCaller::name)
              .filter(one -> !one.isEmpty())
              .collect(Collectors.toSet());
      console.complain(
          "CALLER: \"%s\" is none of %s; %s"
              .formatted(
                  name, file, names.isEmpty() ? "there are none" : Suggestion.meant(name, names)));
    }
    return caller;
  }

  private static String whyNot(Method wanted, List<Grant> grants) {
    List<Grant> ofMethod =
        grants.stream().filter(grant -> grant.methods().contains(wanted)).toList();
    if (grants.isEmpty()) {
      return "it is granted nothing";
    }
    return ofMethod.isEmpty()
        ? "no grant of it has that method; it has "
            + words(grants.stream().flatMap(grant -> grant.methods().stream()).toList())
        : "it is granted that in "
            + ofMethod.stream()
                .flatMap(grant -> grant.domains().stream())
                .distinct()
                .collect(Collectors.joining(", "))
            + " alone";
  }

  private static String text(Grant grant) {
    return words(grant.methods())
        + (grant.domains().isEmpty() ? "" : " in " + String.join(", ", grant.domains()));
  }

  private static String words(java.util.Collection<Method> methods) {
    String words =
        methods.stream().sorted().distinct().map(Method::word).collect(Collectors.joining(", "));
    return words.isEmpty() ? "no method" : words;
  }
}
