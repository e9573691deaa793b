//! Layers of settings, and what is refused.

use super::*;

#[test]
fn the_defaults_are_valid_and_embedded() {
    let config = Config::with(&[]).unwrap();
    assert!(!config.is_production());
    assert_eq!(config.base_url(), "http://127.0.0.1:8080");
}

#[test]
fn the_environment_overrides_by_path_and_flags_override_it() {
    let env = |name: &str| match name {
        "TURNOUT_AUTH_CODE_MINUTES" => Some("7".to_owned()),
        "TURNOUT_LISTEN" => Some("0.0.0.0:1".to_owned()),
        "TURNOUT_HTTP_TRUSTED_PROXIES" => Some("10.0.0.1, ::1".to_owned()),
        "REDIS_URL" => Some("redis://cache".to_owned()),
        _ => None,
    };
    let config = Config::build(None, env, &[("listen", "127.0.0.1:2".to_owned())]).unwrap();
    assert_eq!(config.auth.code_minutes, 7);
    assert_eq!(config.listen, "127.0.0.1:2");
    assert_eq!(config.redis_url, "redis://cache");
    assert_eq!(config.http.trusted_proxies.len(), 2);
}

#[test]
fn production_names_what_it_misses() {
    let flags = [("database_url", "postgres://db/turnout".to_owned())];
    let error = Config::with(&flags).err().unwrap().to_string();
    assert!(error.contains("TURNOUT_KEY"), "{error}");
}

#[test]
fn printed_settings_hide_secrets() {
    let flags = [
        ("mail.url", "smtp://me:hunter2@mail:25".to_owned()),
        ("key", "a:AAAA".to_owned()),
        ("sms.authorization", "Bearer hunter2".to_owned()),
        ("sms.hook_secret", "hunter2".to_owned()),
    ];
    let shown = Config::with(&flags).unwrap().to_string();
    assert!(shown.contains("smtp://***@mail:25") && !shown.contains("hunter2") && !shown.contains("AAAA"));
}

#[test]
fn texts_need_a_gateway_in_production_only() {
    let texts = |flags: &[(&str, &str)]| {
        let all: Vec<_> = flags
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        Config::with(&all).map(|config| config.texts())
    };
    let production = [
        ("database_url", "postgres://db/turnout"),
        ("public_url", "https://example.org"),
        ("key", "a:b"),
        ("index_key", "a:b"),
    ];
    assert!(texts(&[]).unwrap());
    assert!(!texts(&[("sms.enabled", "off")]).unwrap());
    assert!(!texts(&production).unwrap());
    assert!(texts(&[&production[..], &[("sms.url", "https://gateway.example.org")]].concat()).unwrap());
    assert!(texts(&[&production[..], &[("sms.enabled", "on")]].concat()).unwrap());
    assert!(texts(&[("sms.regions", "")]).is_err());
    assert!(texts(&[("sms.regions", "US,Mars")]).is_err());
}
