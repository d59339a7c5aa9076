package io.limiter.server.rules.profile.file;

import io.limiter.server.rules.syntax.Syntax;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Problems;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** A file of profiles: a mapping from their names, below {@code authorize}. */
public final class ProfileFile {
  static final String AUTHORIZE = "authorize";
  static final List<String> FIELDS = List.of(AUTHORIZE);

  /** The most profiles of a file. */
  static final int MOST = 1_000;

  private ProfileFile() {}

  /** Whether a file is one of profiles. */
  public static boolean isOne(MappingNode root) {
    return root.getValue().stream()
        .anyMatch(
            field ->
                field.getKeyNode() instanceof ScalarNode key && key.getValue().equals(AUTHORIZE));
  }

  /**
   * The profiles by their names, in the order of the file.
   *
   * @param file its name, for the profiles
   */
  public static Map<String, ReadProfile> read(String file, MappingNode root, Problems problems) {
    for (NodeTuple field : root.getValue()) {
      if (field.getKeyNode() instanceof ScalarNode key && !FIELDS.contains(key.getValue())) {
        problems.add(
            key,
            "\"%s\" stands beside authorize; write profiles into a file of their own"
                .formatted(key.getValue()));
      }
    }
    Map<String, ReadProfile> profiles = new LinkedHashMap<>();
    Node given = Fields.entries(root, problems).get(AUTHORIZE);
    if (!(given instanceof MappingNode all)) {
      if (given != null) {
        problems.add(
            given,
            "authorize is %s; use a mapping from names to profiles, {} for none"
                .formatted(Fields.kind(given)));
      }
      return profiles;
    }
    if (all.getValue().size() > MOST) {
      problems.add(
          all,
          "authorize has %d profiles; use at most %d in a file"
              .formatted(all.getValue().size(), MOST));
      return profiles;
    }
    Set<String> left = Fields.entries(all, problems).keySet();
    for (NodeTuple entry : all.getValue()) {
      if (entry.getKeyNode() instanceof ScalarNode key && left.remove(key.getValue())) {
        String name = key.getValue();
        Fields.parsed(key, text -> Syntax.name("profile", text), problems);
        profiles.put(name, ProfileReader.read(name, file, key, entry.getValueNode(), problems));
      }
    }
    return profiles;
  }
}
