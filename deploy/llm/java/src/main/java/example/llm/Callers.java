package example.llm;

import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Who calls, by the secret that the call comes with. */
@Component
class Callers {
  private static final String SCHEME = "Bearer ";

  private final Map<String, Map<String, String>> bySecret;

  Callers(GatewayProperties properties, JsonMapper json) throws java.io.IOException {
    bySecret = json.readValue(Files.readString(properties.keys()), new TypeReference<>() {});
  }

  /** The attributes that rules see: key, user and team. */
  Optional<Map<String, String>> of(String authorization) {
    return authorization.startsWith(SCHEME)
        ? Optional.ofNullable(bySecret.get(authorization.substring(SCHEME.length())))
        : Optional.empty();
  }
}
