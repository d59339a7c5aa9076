package io.limiter.server.rules.live;

import io.limiter.server.rules.PriceList;
import io.limiter.server.rules.file.ContentHash;
import io.limiter.server.rules.file.FileRead;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.table.RuleTable;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
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
   * @param prices the same of each list that a domain is charged by, as {@link RuleTable#prices}
   * @param since when that came into force
   */
  public record Origin(ContentHash.Named content, List<ContentHash.Named> prices, Instant since) {
    public Origin {
      prices = List.copyOf(prices);
    }

    /** All files that it is made from. */
    Stream<ContentHash.Named> contents() {
      return Stream.concat(Stream.of(content), prices.stream());
    }

    private boolean isFrom(Read read) {
      return content.equals(read.content) && prices.equals(read.prices);
    }
  }

  /** The files that a domain or a profile was read from now. */
  private record Read(ContentHash.Named content, List<ContentHash.Named> prices) {}

  /**
   * A list of prices that a domain is charged by.
   *
   * @param content its file, and the hash of what was in it
   */
  public record Prices(String name, ContentHash.Named content) {}

  /**
   * The lists in use, sorted. One name is there twice only while a domain whose file is bad is
   * charged by the list before.
   */
  public List<Prices> prices() {
    Set<Prices> all = new HashSet<>();
    domains.forEach(
        (domain, origin) -> {
          List<PriceList> lists = table.prices(domain);
          for (int i = 0; i < lists.size(); i++) {
            all.add(new Prices(lists.get(i).name(), origin.prices.get(i)));
          }
        });
    return all.stream()
        .sorted(Comparator.comparing(Prices::name).thenComparing(Prices::content))
        .toList();
  }

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
                loaded.table().domains().contains(domain)
                    ? new Read(
                        named(read, table.file(domain)),
                        table.prices(domain).stream()
                            .map(list -> named(read, list.file()))
                            .toList())
                    : null,
            domainsBefore,
            now);
    SortedMap<String, Origin> profiles =
        origins(
            table.profiles().names(),
            profile ->
                loaded.table().profiles().names().contains(profile)
                    ? new Read(named(read, table.profiles().file(profile)), List.of())
                    : null,
            profilesBefore,
            now);
    String hash =
        ContentHash.of(
            Stream.concat(domains.values().stream(), profiles.values().stream())
                .flatMap(Origin::contents)
                .toList());
    return new InForce(table.withHash(hash), hash, now, domains, profiles);
  }

  private static ContentHash.Named named(Map<String, ContentHash.Named> read, String file) {
    return Objects.requireNonNull(read.get(file), file);
  }

  /**
   * Where each name is from.
   *
   * @param readNow the files that were read now, if the name is from them; else null
   */
  private static SortedMap<String, Origin> origins(
      Set<String> names,
      Function<String, @Nullable Read> readNow,
      Map<String, Origin> before,
      Instant now) {
    SortedMap<String, Origin> origins = new TreeMap<>();
    for (String name : names) {
      Origin was = before.get(name);
      Read read = readNow.apply(name);
      if (was != null && (read == null || was.isFrom(read))) {
        origins.put(name, was);
      } else {
        Read from = Objects.requireNonNull(read, name);
        origins.put(name, new Origin(from.content, from.prices, now));
      }
    }
    return origins;
  }
}
