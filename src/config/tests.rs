use super::*;

fn layers(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Layers {
    let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    Layers {
        file: Some((PathBuf::from("test.toml"), file.to_owned())),
        environment: owned(environment).into_iter().collect(),
        flags: owned(flags),
    }
}

fn refusal(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> String {
    Config::from_layers(layers(file, environment, flags)).expect_err("must be refused").to_string()
}

#[test]
fn silence_gives_the_defaults() {
    let config = Config::from_layers(Layers::default()).unwrap();

    assert_eq!(config.database.url.expose(), "sqlite://data/ansinh.db");
    assert_eq!(config.database.pool, 16);
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.workers, None);
    assert_eq!(config.issuer, "http://127.0.0.1:8080");
    assert_eq!(config.secret_key, None);
    assert_eq!(config.limits.body, 1 << 20);
    assert_eq!(config.token.lifetime, Duration::from_mins(15));
    assert_eq!(config.log.filter, DEFAULT_FILTER);
    assert!(config.issuers.is_empty());
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let file =
        "workers = 4\nlisten = '127.0.0.1:1'\n[database]\npool = 1\nurl = 'sqlite://file.db'\n[limits]\nbody = 2048";
    let environment =
        [("ANSINH_LISTEN", "127.0.0.1:2"), ("ANSINH_DATABASE__POOL", "2"), ("DATABASE_URL", "sqlite://e.db")];

    let config = Config::from_layers(layers(file, &environment, &[("listen", "0.0.0.0:3")])).unwrap();

    assert_eq!(config.listen.to_string(), "0.0.0.0:3");
    assert_eq!(config.issuer, "http://127.0.0.1:3");
    assert_eq!(config.workers, Some(4));
    assert_eq!(config.database.pool, 2);
    assert_eq!(config.database.url.expose(), "sqlite://e.db");
    assert_eq!(config.limits.body, 2048);
}

#[test]
fn our_own_variable_wins_over_the_usual_one() {
    let environment =
        [("DATABASE_URL", "sqlite://a.db"), ("ANSINH_DATABASE__URL", "sqlite://b.db"), ("RUST_LOG", "debug")];

    let config = Config::from_layers(layers("", &environment, &[])).unwrap();

    assert_eq!(config.database.url.expose(), "sqlite://b.db");
    assert_eq!(config.log.filter, "debug");
}

#[test]
fn a_wrong_value_is_told_with_key_value_place_and_remedy() {
    assert_eq!(
        refusal("[database]\npool = 0", &[("ANSINH_LISTEN", "8080")], &[("log.format", "xml")]),
        "settings that cannot be used:\
         \n  listen (in the environment) is \"8080\"; allowed: an address with a port, as 127.0.0.1:8080 or [::]:8080\
         \n  database.pool (in test.toml) is \"0\"; allowed: a whole number from 1 to 1000\
         \n  log.format (on the command line) is \"xml\"; allowed: json, text"
    );
}

#[test]
fn an_unknown_key_is_refused_with_its_nearest_neighbours() {
    assert_eq!(
        refusal("[databse]\nurl = 'sqlite://a'", &[], &[("limits.bodi", "1")]),
        "settings that cannot be used:\
         \n  limits.bodi (on the command line, unknown key); allowed: body\
         \n  databse (in test.toml, unknown key); allowed: database"
    );
    assert!(refusal("[token]\ncolour = 1", &[], &[]).contains("allowed: lifetime_s"));
}

#[test]
fn an_unknown_variable_of_the_environment_is_told_of_and_passed_over() {
    let environment = [("ANSINH_LIMITS__BODI", "1"), ("ANSINH_WEB__COLOUR", "red"), ("ANSINH_LIMITS__RATE", "7")];

    let config = Config::from_layers(layers("", &environment, &[])).unwrap();

    assert_eq!(config.limits.rate, 7);
    let told: Vec<String> = config.ignored.iter().map(ToString::to_string).collect();
    assert_eq!(told[0], "limits.bodi (in the environment, unknown key); allowed: body");
    assert!(told[1].starts_with("web (in the environment, unknown key); allowed: "), "{told:?}");
    assert_eq!(told.len(), 2);
    // A value of a key that is known must be right, and a key that stands in the file too is no foreigner.
    let wrong = refusal("", &[("ANSINH_LIMITS__RATE", "many"), ("ANSINH_LIMITS__BODI", "1")], &[]);
    assert!(wrong.contains("limits.rate") && !wrong.contains("bodi"), "{wrong}");
    assert!(refusal("[web]\nsize = 1", &[("ANSINH_WEB__COLOUR", "red")], &[]).contains("web ("));
}

#[test]
fn no_message_shows_a_secret() {
    let key = "c2VjcmV0";
    let refused = refusal(&format!("secret_key = '{key}'\n[database]\nurl = 'mysql://root:hunter2@db/x'"), &[], &[]);
    assert!(!refused.contains(key) && !refused.contains("hunter2"), "{refused}");
    assert!(refused.contains("secret_key (in test.toml); allowed: 32 random bytes"), "{refused}");

    let broken = refusal(&format!("listen = '127.0.0.1:1'\nsecret_key = \"{key}"), &[], &[]);
    assert!(broken.starts_with("test.toml line 2 is not TOML: ") && !broken.contains(key), "{broken}");

    let config =
        Config::from_layers(layers("", &[("ANSINH_SECRET_KEY", &format!("{}cd", "ab".repeat(31)))], &[])).unwrap();
    assert!(config.secret_key.is_some() && !format!("{config:?}").contains("abab"));
}

#[test]
fn the_key_may_stand_in_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let mut key = [0x0f; 32];
    key[31] = 0xf0;
    std::fs::write(&path, format!("{}f0\n", "0f".repeat(31))).unwrap();
    let path = path.to_str().unwrap();

    let config = Config::from_layers(layers("", &[("ANSINH_SECRET_KEY_FILE", path)], &[])).unwrap();

    assert_eq!(config.secret_key, Some(SecretKey::from(key)));
    assert!(refusal("", &[("ANSINH_SECRET_KEY_FILE", "/nowhere")], &[]).contains("\"/nowhere\""));
}

#[test]
fn other_issuers_are_read_with_their_mapping() {
    let file = "[[issuers]]\nissuer = 'https://sso.example.vn/realms/gov/'\njwks_uri = 'https://sso.example.vn/certs'\n\
                audience = 'ansinh'\nrole_claim = 'realm_access.roles'\nunit_claim = 'unit'\n\
                [issuers.roles]\nlao-dong = 'labour'";

    let config = Config::from_layers(layers(file, &[], &[])).unwrap();

    let issuer = &config.issuers[0];
    assert_eq!(issuer.issuer, "https://sso.example.vn/realms/gov/");
    assert_eq!((issuer.role_claim.as_str(), issuer.client_claim.as_str()), ("realm_access.roles", "client_id"));
    assert_eq!(issuer.roles["lao-dong"], "labour");

    let refused = refusal(
        &file.replace("'labour'", "'king'").replace("https://sso.example.vn/certs", "http://sso.example.vn/certs"),
        &[],
        &[],
    );
    assert!(refused.contains("issuers.0.jwks_uri") && refused.contains("issuers.0.roles.lao-dong"), "{refused}");
    assert!(refusal("[[issuers]]\nissuer = 'https://a.vn'", &[], &[]).contains("issuers.0.audience (missing)"));
}

#[test]
fn variables_that_are_no_settings_or_are_empty_are_passed_over() {
    let environment = [
        ("ANSINH_LISTEN", ""),
        ("RUST_LOG", ""),
        ("ANSINH_CONFIG", "x.toml"),
        ("ANSINH_TEST_DATABASE_URL", "y"),
        ("PATH", "/bin"),
    ];

    assert!(Config::from_layers(layers("", &environment, &[])).is_ok());
}

#[test]
fn origins_are_a_list_or_one_text_and_are_written_as_browsers_do() {
    let list = "[cors]\norigins = ['https://App.example.vn/', 'http://localhost:3000']";
    let text = [("ANSINH_CORS__ORIGINS", " https://app.example.vn:443, http://localhost:3000 ,")];

    for layers in [layers(list, &[], &[]), layers("", &text, &[])] {
        let config = Config::from_layers(layers).unwrap();
        assert_eq!(config.cors.origins, ["https://app.example.vn", "http://localhost:3000"]);
    }
    for wrong in ["*", "null", "app.example.vn", "https://app.example.vn/path", "ftp://a.vn", "https://u@a.vn"] {
        let refused = refusal("", &[("ANSINH_CORS__ORIGINS", wrong)], &[]);
        assert!(refused.contains(&format!("cors.origins (in the environment) is {wrong:?}")), "{refused}");
    }
}

#[test]
fn a_peer_has_half_of_the_connections_unless_told_otherwise() {
    let of = |file| {
        let limits = Config::from_layers(layers(file, &[], &[])).unwrap().limits;
        (limits.connections, limits.connections_per_peer)
    };

    assert_eq!(of(""), (1024, 512));
    assert_eq!(of("[limits]\nconnections = 1"), (1, 1));
    assert_eq!(of("[limits]\nconnections_per_peer = 1024"), (1024, 1024));
}
