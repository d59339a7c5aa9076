package io.limiter.server.rules.profile;

import io.limiter.server.rules.RulesUnreadableException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The profiles of all gateways. Immutable; safe to share between threads. */
public final class Profiles {
  /** None at all. */
  public static final Profiles NONE = new Profiles(Map.of(), Map.of());

  private final Map<String, Profile> byName;
  private final Map<String, String> unreadable;

  private Profiles(Map<String, Profile> byName, Map<String, String> unreadable) {
    this.byName = Collections.unmodifiableMap(new HashMap<>(byName));
    Map<String, String> without = new TreeMap<>(unreadable);
    without.keySet().removeAll(byName.keySet());
    this.unreadable = Collections.unmodifiableMap(without);
  }

  /**
   * These profiles.
   *
   * @param unreadable the names of those whose file has problems, and that file
   */
  public static Profiles of(Collection<Profile> profiles, Map<String, String> unreadable) {
    Map<String, Profile> byName = new HashMap<>();
    profiles.forEach(profile -> byName.put(profile.name(), profile));
    return new Profiles(byName, unreadable);
  }

  /**
   * The profile of a name; null if there is none.
   *
   * @throws RulesUnreadableException if a file says to hold it and has problems
   */
  public @Nullable Profile find(String name) {
    Profile found = byName.get(name);
    if (found == null) {
      String file = unreadable.get(name);
      if (file != null) {
        throw RulesUnreadableException.ofProfile(name, file);
      }
    }
    return found;
  }

  /** The names of all, sorted. */
  public Set<String> names() {
    return Collections.unmodifiableSet(new TreeSet<>(byName.keySet()));
  }

  /** The file that a profile is written in; empty for an unknown one. */
  public String file(String name) {
    Profile profile = byName.get(name);
    return profile == null ? "" : profile.file();
  }

  /** The domain that a profile asks about; empty for an unknown one. */
  public String domain(String name) {
    Profile profile = byName.get(name);
    return profile == null ? "" : profile.domain();
  }

  /** The profiles that are not in force since their file has problems, and that file; sorted. */
  public Map<String, String> unreadable() {
    return unreadable;
  }

  /** About how much of the heap they take. */
  public long heapBytes() {
    return byName.values().stream().mapToLong(Profile::heapBytes).sum();
  }

  /** These, and those of {@code other} with these names that are not among these. */
  public Profiles with(Profiles other, Set<String> names) {
    Map<String, Profile> all = new HashMap<>(other.byName);
    all.keySet().retainAll(names);
    all.putAll(byName);
    return new Profiles(all, unreadable);
  }
}
