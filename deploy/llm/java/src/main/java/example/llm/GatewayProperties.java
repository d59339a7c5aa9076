package example.llm;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings.
 *
 * @param upstream the model's server, without a path
 * @param upstreamKey what to send it as a bearer token; empty for none
 * @param keys a file: {@code {SECRET: {key: NAME, user: NAME, team: NAME}}}
 * @param hold how long a call holds its room without a renewal; at most the hold of the rules
 * @param piece how many output tokens to hold at a time for a stream without {@code max_tokens}
 * @param beat how long a stream may be silent before it is tried whether the caller is still there
 * @param patience how long the model may be silent
 */
@ConfigurationProperties("gateway")
public record GatewayProperties(
    URI upstream,
    @DefaultValue("") String upstreamKey,
    Path keys,
    @DefaultValue("1m") Duration hold,
    @DefaultValue("500") long piece,
    @DefaultValue("5s") Duration beat,
    @DefaultValue("5m") Duration patience) {}
