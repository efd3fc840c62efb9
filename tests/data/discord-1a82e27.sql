BEGIN TRANSACTION;
CREATE TABLE answers (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	guild_id INTEGER, 
	channel_id INTEGER NOT NULL, 
	message_id INTEGER, 
	question_id INTEGER, 
	follows INTEGER, 
	asker_id INTEGER NOT NULL, 
	asked_at FLOAT NOT NULL, 
	question VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	confidence FLOAT NOT NULL, 
	elapsed_ms FLOAT NOT NULL, 
	shown INTEGER NOT NULL, 
	plain BOOLEAN NOT NULL, 
	private BOOLEAN NOT NULL, 
	whole BOOLEAN NOT NULL, 
	human_asked BOOLEAN NOT NULL, 
	quotes VARCHAR NOT NULL, 
	language VARCHAR DEFAULT 'en' NOT NULL, 
	FOREIGN KEY(follows) REFERENCES answers (id) ON DELETE SET NULL
);
INSERT INTO "answers" VALUES(1,42,8,11,10,NULL,9,4000000000.0,'When does the ferry leave?','answer',0.9,12.5,1,0,0,1,0,'[["shared", 3, 25, 80, "66432fc5a0cc8cea15e727645ebb66e2d709533b24ad4c346b0f3f6e1912a39e", [[60, 65]], 1, 5, 0.9, false, "/srv/articles/ferry.md", []]]','en');
CREATE TABLE feedback (
	id INTEGER NOT NULL, 
	answer_id INTEGER NOT NULL, 
	member_id INTEGER NOT NULL, 
	helpful BOOLEAN NOT NULL, 
	reason VARCHAR, 
	PRIMARY KEY (id), 
	UNIQUE (answer_id, member_id), 
	FOREIGN KEY(answer_id) REFERENCES answers (id) ON DELETE CASCADE
);
INSERT INTO "feedback" VALUES(1,1,12,0,'wrong: another year');
CREATE TABLE load_pages (
	id INTEGER NOT NULL, 
	load_id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	reason VARCHAR, 
	shown VARCHAR, 
	PRIMARY KEY (id), 
	UNIQUE (load_id, "key"), 
	FOREIGN KEY(load_id) REFERENCES loads (id) ON DELETE CASCADE
);
INSERT INTO "load_pages" VALUES(1,1,'https://example.org/docs/a','added',NULL,'https://example.org/docs/a');
INSERT INTO "load_pages" VALUES(2,1,'https://example.org/docs/b','failed','The page is empty',NULL);
INSERT INTO "load_pages" VALUES(3,1,'https://example.org/docs/c','waiting',NULL,NULL);
CREATE TABLE loads (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	guild_id INTEGER NOT NULL, 
	channel_id INTEGER NOT NULL, 
	member_id INTEGER NOT NULL, 
	origin VARCHAR NOT NULL, 
	inside VARCHAR, 
	most INTEGER NOT NULL, 
	more BOOLEAN NOT NULL, 
	plain BOOLEAN NOT NULL, 
	begun_at FLOAT NOT NULL, 
	state VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	message_id INTEGER, 
	token VARCHAR, 
	token_at FLOAT, 
	language VARCHAR DEFAULT 'en' NOT NULL
);
INSERT INTO "loads" VALUES(1,42,8,9,'https://example.org/','https://example.org/docs',20,0,0,4000000000.0,'running','',NULL,NULL,NULL,'en');
CREATE TABLE marks (
	answer_id INTEGER NOT NULL, 
	PRIMARY KEY (answer_id), 
	FOREIGN KEY(answer_id) REFERENCES answers (id) ON DELETE CASCADE
);
CREATE TABLE meant (
	feedback_id INTEGER NOT NULL, 
	quotation INTEGER NOT NULL, 
	PRIMARY KEY (feedback_id, quotation), 
	FOREIGN KEY(feedback_id) REFERENCES feedback (id) ON DELETE CASCADE
);
INSERT INTO "meant" VALUES(1,1);
CREATE TABLE pins (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	guild_id INTEGER NOT NULL, 
	library VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	article_id INTEGER NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	digest VARCHAR NOT NULL, 
	highlights VARCHAR NOT NULL, 
	questions VARCHAR NOT NULL
);
INSERT INTO "pins" VALUES(1,42,'shared','/srv/articles/ferry.md',3,25,80,'66432fc5a0cc8cea15e727645ebb66e2d709533b24ad4c346b0f3f6e1912a39e','[[60, 65]]','["When is the first ferry?", "When does it leave?"]');
CREATE TABLE quiet_threads (
	thread_id INTEGER NOT NULL, 
	guild_id INTEGER NOT NULL, 
	PRIMARY KEY (thread_id)
);
INSERT INTO "quiet_threads" VALUES(16,42);
CREATE TABLE read_days (
	guild_id INTEGER NOT NULL, 
	day VARCHAR NOT NULL, 
	count INTEGER NOT NULL, 
	PRIMARY KEY (guild_id, day)
);
CREATE TABLE servers (
	guild_id INTEGER NOT NULL, 
	settings VARCHAR NOT NULL, 
	PRIMARY KEY (guild_id)
);
INSERT INTO "servers" VALUES(42,'{"paused": false, "plain": false, "language": "de", "helpers_channel": 7, "helpers_role": null, "member_limit": 5, "channel_limit": 60, "server_limit": 200, "floor": 0.5, "threads": false, "modes": {"8": "questions"}, "floors": {"8": 0.25}, "in_threads": {"8": true}}');
CREATE TABLE sweeps (
	library VARCHAR NOT NULL, 
	generation INTEGER NOT NULL, 
	PRIMARY KEY (library)
);
CREATE TABLE watched (
	channel_id INTEGER NOT NULL, 
	guild_id INTEGER NOT NULL, 
	role_id INTEGER, 
	running BOOLEAN NOT NULL, 
	read_to INTEGER NOT NULL, 
	trouble VARCHAR NOT NULL, 
	PRIMARY KEY (channel_id)
);
INSERT INTO "watched" VALUES(13,42,14,1,15,'');
CREATE INDEX ix_answers_question_id ON answers (question_id);
CREATE INDEX ix_answers_message_id ON answers (message_id);
CREATE INDEX ix_answers_guild_id ON answers (guild_id);
CREATE INDEX ix_answers_channel_id ON answers (channel_id);
CREATE INDEX ix_answers_asked_at ON answers (asked_at);
CREATE INDEX ix_quiet_threads_guild_id ON quiet_threads (guild_id);
CREATE INDEX ix_pins_guild_id ON pins (guild_id);
CREATE INDEX ix_loads_guild_id ON loads (guild_id);
CREATE INDEX ix_watched_guild_id ON watched (guild_id);
CREATE INDEX ix_feedback_answer_id ON feedback (answer_id);
CREATE INDEX ix_load_pages_state ON load_pages (state);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('answers',1);
INSERT INTO "sqlite_sequence" VALUES('pins',1);
INSERT INTO "sqlite_sequence" VALUES('loads',1);
COMMIT;
