package example.edge;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Limits requests by what a resolver says. */
@SpringBootApplication
public class EdgeApplication {

  /** Starts it. */
  public static void main(String[] args) {
    SpringApplication.run(EdgeApplication.class, args);
  }
}
