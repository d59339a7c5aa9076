package io.limiter.server.rules.file;

import io.limiter.server.rules.Domain;
import io.limiter.server.rules.PriceList;
import io.limiter.server.rules.Suggestion;
import io.limiter.server.rules.price.ReadPrices;
import io.limiter.server.rules.table.DomainRules;
import io.limiter.server.rules.yaml.Located;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The lists of prices over all files: each is in one of them, and rules of any may name it. Who
 * names a list that is not in order is not in order either, and so stays at the prices before.
 */
final class SharedPrices {
  private final Map<String, PriceList> good = new HashMap<>();

  /** The file of each list, good or bad. */
  private final Map<String, FoundFile> files = new TreeMap<>();

  private SharedPrices() {}

  /** Says which lists are in several files, which are in none, and which nobody names. */
  static SharedPrices report(List<FoundFile> found) {
    SharedPrices all = new SharedPrices();
    for (FoundFile one : found) {
      name(one)
          .ifPresent(
              name -> {
                FoundFile other = all.files.putIfAbsent(name.value(), one);
                if (other != null) {
                  reportTwice(one, other);
                  reportTwice(other, one);
                }
              });
    }
    for (FoundFile one : found) {
      one.file()
          .prices()
          .filter(prices -> one.isGood())
          .flatMap(ReadPrices::list)
          .ifPresent(list -> all.good.put(list.name(), list));
    }
    found.forEach(all::reportNamed);
    all.warnOfUnused(found);
    return all;
  }

  private static Optional<Located<String>> name(FoundFile file) {
    return file.file().prices().flatMap(ReadPrices::name);
  }

  private static void reportTwice(FoundFile one, FoundFile other) {
    name(one)
        .ifPresent(
            name ->
                one.file()
                    .problems()
                    .add(
                        name.at(),
                        "prices \"%s\" are also in %s; rename or remove one"
                            .formatted(name.value(), other.name())));
  }

  /** One that is bad is said once: it is not this file that is to be mended. */
  private void reportNamed(FoundFile one) {
    Set<String> told = new HashSet<>();
    for (Located<String> name : one.file().named()) {
      FoundFile file = files.get(name.value());
      if (file == null) {
        one.file()
            .problems()
            .add(
                name.at(),
                "charge names prices \"%s\", which are in no file here; %s"
                    .formatted(
                        name.value(),
                        Suggestion.nearest(name.value(), files.keySet())
                            .map("did you mean %s?"::formatted)
                            .orElse(
                                "add a file of them, or use a mapping from units to weights, such"
                                    + " as { input_tokens: 3, output_tokens: 15 }")));
      } else if (!good.containsKey(name.value()) && told.add(name.value())) {
        one.file()
            .problems()
            .add(
                name.at(),
                "charge names prices \"%s\" of %s, which has problems; mend that file"
                    .formatted(name.value(), file.name()));
      }
    }
  }

  private void warnOfUnused(List<FoundFile> found) {
    if (!found.stream().allMatch(FoundFile::isGood)) {
      return;
    }
    Set<String> named = new HashSet<>();
    found.forEach(one -> one.file().named().forEach(name -> named.add(name.value())));
    for (FoundFile one : found) {
      name(one)
          .filter(list -> !named.contains(list.value()))
          .ifPresent(
              list ->
                  one.file()
                      .problems()
                      .warn(
                          list.at(),
                          "no rule is charged by prices \"%s\"; name them in charge, or remove"
                                  .formatted(list.value())
                              + " the file"));
    }
  }

  /** A domain of a file that is in order, with the lists that its rules name. */
  Domain.Known charging(Domain.Known known, DomainFile file) {
    if (!(known instanceof DomainRules rules) || file.named().isEmpty()) {
      return known;
    }
    Map<String, PriceList> named = new LinkedHashMap<>();
    for (Located<String> name : file.named()) {
      PriceList list = good.get(name.value());
      if (list != null) {
        named.put(name.value(), list);
      }
    }
    return rules.chargedBy(named);
  }
}
