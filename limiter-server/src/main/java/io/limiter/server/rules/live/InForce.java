package io.limiter.server.rules.live;

import io.limiter.server.rules.file.ContentHash;
import io.limiter.server.rules.file.FileRead;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.table.RuleTable;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rules that decide, and what they were made from.
 *
 * @param hash of the files that all of it is from, as {@link ContentHash} says: those of the
 *     directory, except that a bad file stands as it was when it was last in order
 * @param since when this table came into force, by this host's clock
 * @param domains where each domain of the table is from, by its name
 * @param profiles where each profile of the table is from, by its name
 */
public record InForce(
    RuleTable table,
    String hash,
    Instant since,
    SortedMap<String, Origin> domains,
    SortedMap<String, Origin> profiles) {
  public InForce {
    domains = Collections.unmodifiableSortedMap(new TreeMap<>(domains));
    profiles = Collections.unmodifiableSortedMap(new TreeMap<>(profiles));
  }

  /**
   * Where a domain or a profile is from.
   *
   * @param content its file, and the hash of what was in it
   * @param since when that came into force
   */
  public record Origin(ContentHash.Named content, Instant since) {}

  /** The first rules. */
  static InForce of(LoadedRules loaded, Instant now) {
    return of(loaded.table(), loaded, Map.of(), Map.of(), now);
  }

  /** What is in force after {@code loaded} was read: this very object if nothing changes. */
  InForce after(LoadedRules loaded, Instant now) {
    InForce next = of(loaded.orLastGood(table), loaded, domains, profiles, now);
    boolean same =
        next.domains.equals(domains)
            && next.profiles.equals(profiles)
            && next.table.unreadable().equals(table.unreadable())
            && next.table.profiles().unreadable().equals(table.profiles().unreadable());
    return same ? this : next;
  }

  private static InForce of(
      RuleTable table,
      LoadedRules loaded,
      Map<String, Origin> domainsBefore,
      Map<String, Origin> profilesBefore,
      Instant now) {
    Map<String, ContentHash.Named> read =
        loaded.files().stream()
            .filter(FileRead::good)
            .flatMap(file -> file.named().stream())
            .collect(Collectors.toMap(ContentHash.Named::file, named -> named));
    SortedMap<String, Origin> domains =
        origins(
            table.domains(),
            domain ->
                loaded.table().domains().contains(domain) ? read.get(table.file(domain)) : null,
            domainsBefore,
            now);
    SortedMap<String, Origin> profiles =
        origins(
            table.profiles().names(),
            profile ->
                loaded.table().profiles().names().contains(profile)
                    ? read.get(table.profiles().file(profile))
                    : null,
            profilesBefore,
            now);
    String hash =
        ContentHash.of(
            Stream.concat(domains.values().stream(), profiles.values().stream())
                .map(Origin::content)
                .toList());
    return new InForce(table.withHash(hash), hash, now, domains, profiles);
  }

  /**
   * Where each name is from.
   *
   * @param contents the file that was read now, if the name is from it; else null
   */
  private static SortedMap<String, Origin> origins(
      Set<String> names,
      Function<String, ContentHash.@Nullable Named> contents,
      Map<String, Origin> before,
      Instant now) {
    SortedMap<String, Origin> origins = new TreeMap<>();
    for (String name : names) {
      Origin was = before.get(name);
      ContentHash.Named content = contents.apply(name);
      if (was != null && (content == null || content.equals(was.content))) {
        origins.put(name, was);
      } else {
        origins.put(name, new Origin(Objects.requireNonNull(content, name), now));
      }
    }
    return origins;
  }
}
