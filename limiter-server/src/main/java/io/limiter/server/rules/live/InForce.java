package io.limiter.server.rules.live;

import io.limiter.server.rules.file.ContentHash;
import io.limiter.server.rules.file.FileRead;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.table.RuleTable;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The rules that decide, and what they were made from.
 *
 * @param hash of the files that the domains are from, as {@link ContentHash} says: those of the
 *     directory, except that a bad file stands as it was when it was last in order
 * @param since when this table came into force, by this host's clock
 * @param domains where each domain of the table is from, by its name
 */
public record InForce(
    RuleTable table, String hash, Instant since, SortedMap<String, Origin> domains) {
  public InForce {
    domains = Collections.unmodifiableSortedMap(new TreeMap<>(domains));
  }

  /**
   * Where a domain is from.
   *
   * @param content its file, and the hash of what was in it
   * @param since when that came into force
   */
  public record Origin(ContentHash.Named content, Instant since) {}

  /** The first rules. */
  static InForce of(LoadedRules loaded, Instant now) {
    return of(loaded.table(), loaded, new TreeMap<>(), now);
  }

  /** What is in force after {@code loaded} was read: this very object if nothing changes. */
  InForce after(LoadedRules loaded, Instant now) {
    InForce next = of(loaded.orLastGood(table), loaded, domains, now);
    boolean same =
        next.domains.equals(domains) && next.table.unreadable().equals(table.unreadable());
    return same ? this : next;
  }

  private static InForce of(
      RuleTable table, LoadedRules loaded, Map<String, Origin> before, Instant now) {
    Map<String, ContentHash.Named> read =
        loaded.files().stream()
            .filter(FileRead::good)
            .flatMap(file -> file.named().stream())
            .collect(Collectors.toMap(ContentHash.Named::file, named -> named));
    SortedMap<String, Origin> domains = new TreeMap<>();
    for (String domain : table.domains()) {
      Origin was = before.get(domain);
      boolean isNew = loaded.table().domains().contains(domain);
      ContentHash.Named content = isNew ? read.get(table.file(domain)) : null;
      if (was != null && (content == null || content.equals(was.content))) {
        domains.put(domain, was);
      } else {
        domains.put(domain, new Origin(Objects.requireNonNull(content, domain), now));
      }
    }
    String hash = ContentHash.of(domains.values().stream().map(Origin::content).toList());
    return new InForce(table.withHash(hash), hash, now, domains);
  }
}
