package io.limiter.server.rules.file;

import io.limiter.server.rules.profile.Profiles;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.rules.yaml.Problem;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a set of rules files came to.
 *
 * @param table the domains of the files that are in order
 * @param problems everything that is wrong with the others, file by file in the order of their
 *     names, and from top to bottom
 * @param files all of them, in the order they were read
 * @param warnings what is odd in the files and ignored
 * @param leftOut what lies in the directory and is not read
 */
public record LoadedRules(
    RuleTable table,
    List<Problem> problems,
    List<FileRead> files,
    List<Problem> warnings,
    List<LeftOut> leftOut) {
  public LoadedRules {
    problems = List.copyOf(problems);
    files = List.copyOf(files);
    warnings = List.copyOf(warnings);
    leftOut = List.copyOf(leftOut);
  }

  /**
   * Something in a directory of rules that is not read.
   *
   * @param file its name below the directory
   * @param why and, where there is something to do, what
   */
  public record LeftOut(String file, String why) {
    @Override
    public String toString() {
      return file + ": " + why;
    }
  }

  /**
   * The table to go on with after a change: the files that are in order as they are now and, of
   * {@code previous}, every domain and every profile that one of the others may hold.
   *
   * <p>A file that is not in order may hold the domain that it held before, and the one that it
   * says it is for. If it says none and held none, as one that was renamed and broken at once, it
   * may hold any: then no domain is dropped. A file that is left out now keeps what it held.
   */
  public RuleTable orLastGood(RuleTable previous) {
    List<FileRead> bad = files.stream().filter(file -> !file.good()).toList();
    if (bad.isEmpty() && leftOut.isEmpty()) {
      return table;
    }
    Set<String> homeless = new TreeSet<>(previous.domains());
    homeless.removeAll(table.domains());
    Profiles had = previous.profiles();
    Set<String> profiles = new TreeSet<>(had.names());
    profiles.removeAll(table.profiles().names());
    Set<String> homes = homeless.stream().map(previous::file).collect(Collectors.toSet());
    profiles.forEach(profile -> homes.add(had.file(profile)));
    Set<String> names =
        bad.stream().map(FileRead::file).collect(Collectors.toCollection(TreeSet::new));
    leftOut.forEach(file -> names.add(file.file()));
    Set<String> said =
        bad.stream().flatMap(file -> file.domain().stream()).collect(Collectors.toSet());
    Map<String, String> saidProfiles = table.profiles().unreadable();
    boolean anything =
        bad.stream()
            .anyMatch(
                file ->
                    file.domain().isEmpty()
                        && !file.prices()
                        && !homes.contains(file.file())
                        && !saidProfiles.containsValue(file.file()));
    homeless.removeIf(
        domain -> !anything && !names.contains(previous.file(domain)) && !said.contains(domain));
    profiles.removeIf(
        profile ->
            !anything && !names.contains(had.file(profile)) && !saidProfiles.containsKey(profile));
    RuleTable kept = homeless.isEmpty() ? table : table.with(previous, homeless);
    return profiles.isEmpty() ? kept : kept.withProfiles(table.profiles().with(had, profiles));
  }

  /** The hash of what was read, as {@link ContentHash} says. */
  public String hash() {
    return ContentHash.of(files.stream().flatMap(file -> file.named().stream()).toList());
  }

  /** Whether every file could be read, be it in order or not. */
  public boolean readWhole() {
    return files.stream().allMatch(file -> file.sha256().isPresent());
  }
}
