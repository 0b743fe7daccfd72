-- Labels of people. Written by Tags/.
CREATE TABLE tags (
    id BIGINT NOT NULL PRIMARY KEY,
    -- 0: of the first level.
    parent_id BIGINT NOT NULL DEFAULT 0,
    -- One of a kind among the children of its parent.
    name TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    -- A word of TagColour.
    colour TEXT NOT NULL,
    -- manual (given and taken), rule (kept by its criteria)
    kind TEXT NOT NULL,
    -- The definition (docs/criteria.md); empty of a manual one.
    criteria TEXT NOT NULL DEFAULT '',
    -- Whether a person can have only one of its children: of rules the first by rank.
    exclusive BIGINT NOT NULL DEFAULT 0,
    -- Place among the children of its parent.
    tag_rank BIGINT NOT NULL DEFAULT 0,
    -- Raised with every change of what it means.
    version BIGINT NOT NULL,
    -- building (being filled for the first time, or anew), live
    status TEXT NOT NULL,
    size BIGINT NOT NULL DEFAULT 0,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    -- When all people were last compared with the rule.
    swept_ms BIGINT,
    -- Whom its people were given to; it stands for that one in definitions.
    merged_into BIGINT,
    deleted_ms BIGINT
);

CREATE TABLE profile_tags (
    tag_id BIGINT NOT NULL,
    profile_id BIGINT NOT NULL,
    since_ms BIGINT NOT NULL,
    PRIMARY KEY (tag_id, profile_id)
) {without_rowid};
CREATE INDEX profile_tags_by_profile ON profile_tags (profile_id, tag_id);

-- Everything that was ever given or taken, with why.
CREATE TABLE tag_changes (
    id {id},
    profile_id BIGINT NOT NULL,
    tag_id BIGINT NOT NULL,
    -- 1: given, 0: taken
    given BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    -- A word of TagCause.
    cause TEXT NOT NULL,
    -- Who or what: a user, a key, a source, another tag, another person.
    detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX tag_changes_by_profile ON tag_changes (profile_id, id);
