package io.limiter.server.rules.file;

import io.limiter.server.rules.Domain;
import io.limiter.server.rules.Suggestion;
import io.limiter.server.rules.file.LoadedRules.LeftOut;
import io.limiter.server.rules.profile.Profile;
import io.limiter.server.rules.profile.Profiles;
import io.limiter.server.rules.profile.file.ReadProfile;
import io.limiter.server.rules.yaml.Located;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.nodes.Node;

/** The names of domains and profiles over all files: each belongs to one of them. */
final class SharedNames {
  private SharedNames() {}

  private static Map<String, List<FoundFile>> byDomain(List<FoundFile> found) {
    Map<String, List<FoundFile>> byDomain = new LinkedHashMap<>();
    for (FoundFile one : found) {
      one.file()
          .domain()
          .ifPresent(
              domain ->
                  byDomain.computeIfAbsent(domain.value(), none -> new ArrayList<>()).add(one));
    }
    return byDomain;
  }

  /** Of a domain that has a file by its name, other files are copies: backups and such. */
  static List<FoundFile> withoutCopies(List<FoundFile> all, List<LeftOut> leftOut) {
    List<FoundFile> kept = new ArrayList<>(all);
    byDomain(all)
        .forEach(
            (domain, files) -> {
              Optional<FoundFile> first = files.stream().filter(FoundFile::plain).findFirst();
              files.removeIf(file -> first.isEmpty() || file.plain());
              kept.removeAll(files);
              String why = "its domain \"%s\" is in %s; use another domain, or remove one";
              for (FoundFile copy : files) {
                leftOut.add(
                    new LeftOut(copy.name(), why.formatted(domain, first.orElse(copy).name())));
              }
            });
    return kept;
  }

  /** What is in several files is a problem of each of them. */
  static void report(List<FoundFile> found) {
    Map<String, List<FoundFile>> byDomain = byDomain(found);
    Map<String, List<FoundFile>> byProfile = new LinkedHashMap<>();
    for (FoundFile one : found) {
      for (String name : one.file().profiles().keySet()) {
        byProfile.computeIfAbsent(name, none -> new ArrayList<>()).add(one);
      }
    }
    for (FoundFile one : found) {
      one.file()
          .domain()
          .ifPresent(
              domain ->
                  report(
                      one,
                      domain.at(),
                      "domain \"%s\" is also in %s; put all its rules in one file",
                      domain.value(),
                      byDomain.getOrDefault(domain.value(), List.of())));
      one.file()
          .profiles()
          .forEach(
              (name, read) ->
                  report(
                      one,
                      read.at(),
                      "profile \"%s\" is also in %s; rename or remove one",
                      name,
                      byProfile.getOrDefault(name, List.of())));
    }
    warnOfDomains(found);
  }

  private static void report(
      FoundFile one, Node at, String message, String name, List<FoundFile> files) {
    if (files.size() > 1) {
      String others =
          files.stream()
              .filter(other -> !other.equals(one))
              .map(FoundFile::name)
              .collect(Collectors.joining(", "));
      one.file().problems().add(at, message.formatted(name, others));
    }
  }

  /** A question about a domain that nobody wrote may be admitted unchecked. */
  private static void warnOfDomains(List<FoundFile> found) {
    Set<String> known = new HashSet<>();
    Set<String> ofDescriptors = new HashSet<>();
    for (FoundFile one : found) {
      one.file().domain().map(Located::value).or(one::says).ifPresent(known::add);
      one.file()
          .rules()
          .filter(rules -> rules instanceof Domain.OfDescriptors)
          .map(Domain.Known::name)
          .ifPresent(ofDescriptors::add);
    }
    for (FoundFile one : found) {
      for (Map.Entry<String, ReadProfile> profile : one.file().profiles().entrySet()) {
        profile
            .getValue()
            .domain()
            .ifPresent(
                domain ->
                    doubt(domain.value(), known, ofDescriptors)
                        .ifPresent(
                            doubt ->
                                one.file()
                                    .problems()
                                    .warn(
                                        domain.at(),
                                        "domain \"%s\" of profile %s is %s"
                                            .formatted(domain.value(), profile.getKey(), doubt))));
      }
    }
  }

  /** What is odd about the domain of a profile. */
  private static Optional<String> doubt(
      String domain, Set<String> known, Set<String> ofDescriptors) {
    if (ofDescriptors.contains(domain)) {
      return Optional.of(
          "made of descriptors, which only Envoy's protocol asks; use a domain of rules");
    }
    return known.contains(domain)
        ? Optional.empty()
        : Optional.of(
            "in no file here; "
                + Suggestion.nearest(domain, known)
                    .map("did you mean %s?"::formatted)
                    .orElse("add its rules"));
  }

  /** The profiles of the files that are in order, and the names of the others. */
  static Profiles profiles(List<FoundFile> found) {
    List<Profile> good = new ArrayList<>();
    Map<String, String> unreadable = new LinkedHashMap<>();
    for (FoundFile one : found) {
      one.file()
          .profiles()
          .forEach(
              (name, read) -> {
                if (one.isGood()) {
                  read.profile().ifPresent(good::add);
                } else {
                  unreadable.put(name, one.name());
                }
              });
    }
    return Profiles.of(good, unreadable);
  }
}
