package io.limiter.server.rules.file;

import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Problem;
import io.limiter.server.rules.yaml.Problems;
import io.limiter.server.rules.yaml.YamlText;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/** Judges files whose names do not say what they are. Envoy's service reads any name. */
final class OtherFile {
  private static final Pattern DOMAIN =
      Pattern.compile("^domain\\s*:[ \\t]*[\"']?([^\"'\\s#]*)", Pattern.MULTILINE);
  private static final Pattern DESCRIPTORS =
      Pattern.compile("^descriptors\\s*:", Pattern.MULTILINE);

  private OtherFile() {}

  /** Why {@code text} is no configuration of Envoy's service; empty if it is one, good or bad. */
  static Optional<String> notEnvoys(String text, TableHeap heap) {
    if (!text.contains("domain")) {
      return Optional.of("it names no domain");
    }
    Problems problems = new Problems("");
    Optional<MappingNode> root =
        YamlText.read(text, problems, heap.bounds(text.length()), DomainFile::isEnvoys);
    if (root.isPresent()) {
      return root.filter(DomainFile::isEnvoys).isPresent()
          ? Optional.empty()
          : Optional.of(hasRules(root.get()));
    }
    return DOMAIN.matcher(text).find() && DESCRIPTORS.matcher(text).find()
        ? Optional.empty()
        : problems.list().stream().findFirst().map(Problem::message);
  }

  /** The domain that a text says which is no YAML, if it looks so. */
  static Optional<String> domainOf(String text) {
    return DOMAIN
        .matcher(text)
        .results()
        .map(found -> found.group(1))
        .filter(name -> !name.isEmpty())
        .findFirst();
  }

  private static String hasRules(MappingNode root) {
    return Fields.entries(root, new Problems("")).containsKey("rules")
        ? "rules are read from *.yaml and *.yml in the directory itself; move or rename it"
        : "it has neither descriptors nor rules";
  }
}
