# pretrain.mk -- from dumps and books to packed shards and a trained BERT, one rule an arrow.
#
#   make -f scripts/pretrain.mk DUMP=enwiki.xml.bz2 BOOKS=books OUT=work [VARIABLE=value]... [GOAL]
#
#   DUMP  -> documents --.
#   BOOKS -> documents --+-> sentences -> vocabulary -> tokens -> shards -> packs -> checkpoints
#
# Goals: shards, packs, all (and training: the default), manifest, verify (a second build from scratch
# has the same checksums), wiki_only, wiki_books (the packs of the English Wikipedia of today, and of
# BOOKS: what create_datasets_from_start.sh of the originals makes).
#
# Run again, it goes on where it stopped: every tool gives its output the final name only when it is
# whole. Another value of a variable makes again what depends on it and nothing else. -j works.

# ---- what to read ----

ifneq ($(filter wiki_only wiki_books,$(MAKECMDGOALS)),)
DUMP ?= https://dumps.wikimedia.org/enwiki/latest/enwiki-latest-pages-articles.xml.bz2
endif
# One dump or several, files or URLs; folders or files of books.
DUMP       ?=
BOOKS      ?=
ifeq ($(strip $(DUMP) $(BOOKS)),)
$(error DUMP= names the MediaWiki export to read, BOOKS= the folder of books)
endif
ifneq ($(filter wiki_books,$(MAKECMDGOALS)),)
ifeq ($(strip $(BOOKS)),)
$(error BOOKS= names the folder of books)
endif
endif

OUT        ?= work
THIS       := $(lastword $(MAKEFILE_LIST))
TOOLS      ?= $(dir $(THIS))../build/tools
THREADS    ?= 0
QUIET      ?=

# ---- choices ----

# As the originals call them.
DATASET    ?= $(if $(strip $(BOOKS)),$(if $(strip $(DUMP)),books_wiki_en_corpus,bookscorpus),wikicorpus_en)
EXTRACT_OPTIONS ?=
BOOK_OPTIONS    ?=
SPLIT_OPTIONS   ?=

VOCAB_SIZE ?= 30522
CASED      ?=
# A vocabulary to use instead of learning one:
VOCAB      ?= $(OUT)/vocab.txt

# counter: one order over everything; python: the originals' text shards, each made as theirs.
RNG        ?= counter
SEED       ?= 12345
DUPES      ?= 5
MASKED_PROB ?= 0.15
SHORT_PROB ?= 0.1
SHARDS     ?= 256
TEST_SHARDS ?= $(SHARDS)
TEST_FRACTION ?= 0.1
# Further options of make-pretrain: --masking, --pairs, --nsp-label, --compression, ...
PRETRAIN_OPTIONS ?=
# mpirun and its options, where several ranks are to make the shards:
PRETRAIN_LAUNCH ?=
PACK_DEPTH ?= 3
PACK_OPTIONS ?=

# The two phases of the originals: rows of 128 tokens with 20 masked, then 512 with 80.
PHASE1_LENGTH ?= 128
PHASE1_MASKED ?= 20
PHASE1_STEPS  ?= 7038
PHASE1_RATE   ?= 6e-3
PHASE1_WARMUP ?= 0.2843
PHASE1_BATCH  ?= 8192
PHASE1_ACCUMULATION ?= 128
PHASE2_LENGTH ?= 512
PHASE2_MASKED ?= 80
PHASE2_STEPS  ?= 1563
PHASE2_RATE   ?= 4e-3
PHASE2_WARMUP ?= 0.128
PHASE2_BATCH  ?= 4096
PHASE2_ACCUMULATION ?= 512

CONFIG     ?= base
CHECKPOINT_EVERY ?= 100
LOG_EVERY  ?= 1
# mpirun and its options, where several ranks are to train:
LAUNCH     ?=

# ---- names ----

# originals: the folders of create_datasets_from_start.sh, which tell the choices; short: phase1, ...
NAMES      ?= originals
LOWER      := $(if $(CASED),0,1)
ifeq ($(NAMES),short)
FORMATTED  := $(OUT)
WIKI_DOCUMENTS := $(OUT)/documents
BOOK_DOCUMENTS := $(OUT)/books
SENTENCES  := $(OUT)/sentences.txt
TOKENS     := $(OUT)/tokens.bin
TEXT_SHARDS := $(OUT)/text_shards
phase_folder = $(OUT)/phase$(1)
packs_folder = $(OUT)/phase$(1)_packed
PREFIX     := corpus
else
FORMATTED  := $(OUT)/formatted_one_article_per_line
WIKI_DOCUMENTS := $(FORMATTED)/wikicorpus_en_one_article_per_line
BOOK_DOCUMENTS := $(FORMATTED)/bookscorpus_one_book_per_line
SENTENCES  := $(OUT)/sentences/$(DATASET).txt
TOKENS     := $(OUT)/tokens/$(DATASET).tokens
TEXT_SHARDS := $(OUT)/sharded_training_shards_$(SHARDS)_test_shards_$(TEST_SHARDS)_fraction_$(TEST_FRACTION)/$(DATASET)
made_with  = lower_case_$(LOWER)_seq_len_$(PHASE$(1)_LENGTH)_max_pred_$(PHASE$(1)_MASKED)_masked_lm_prob_$(MASKED_PROB)_random_seed_$(SEED)_dupe_factor_$(DUPES)
phase_folder = $(OUT)/hdf5_$(call made_with,$(1))/$(DATASET)
packs_folder = $(OUT)/packed_$(call made_with,$(1))/$(DATASET)
PREFIX     := $(DATASET)
endif
PHASE1     := $(call phase_folder,1)
PHASE2     := $(call phase_folder,2)
PACKS1     := $(call packs_folder,1)
PACKS2     := $(call packs_folder,2)

# Several dumps have documents of their own, called after them.
dump_name  = $(if $(word 2,$(DUMP)),.$(notdir $(1)))
wiki_file  = $(WIKI_DOCUMENTS)$(call dump_name,$(1)).txt
# Books come first, as there.
DOCUMENTS  := $(if $(strip $(BOOKS)),$(BOOK_DOCUMENTS).txt) $(foreach d,$(DUMP),$(call wiki_file,$(d)))

COMMON     := --threads $(THREADS) $(QUIET)
CASE       := $(if $(CASED),--cased)

.PHONY: all packs shards manifest verify wiki_only wiki_books FORCE
.DELETE_ON_ERROR:
.SECONDARY:
all: $(OUT)/phase2_trained
packs: $(PACKS1)_metadata.json $(PACKS2)_metadata.json
wiki_only wiki_books: packs

# ---- options: a file a stage, which changes when they do ----

# $(call options,STAGE,TEXT): the rule for $(OUT)/.options/STAGE
define options
$(OUT)/.options/$(1): FORCE
	@mkdir -p $$(@D)
	@printf '%s\n' '$(strip $(2))' | cmp -s - $$@ || printf '%s\n' '$(strip $(2))' > $$@
endef
FORCE:

pretrain_options = --seq-length $(PHASE$(1)_LENGTH) --max-predictions $(PHASE$(1)_MASKED) \
    --masked-lm-prob $(MASKED_PROB) --short-seq-prob $(SHORT_PROB) \
    --dupe-factor $(DUPES) --seed $(SEED) $(PRETRAIN_OPTIONS)
split_of_shards = --shards $(SHARDS) --test-shards $(TEST_SHARDS) --test-fraction $(TEST_FRACTION)
pack_options = --seq-length $(PHASE$(1)_LENGTH) --max-predictions $(PHASE$(1)_MASKED) \
    --max-sequences-per-pack $(PACK_DEPTH) $(PACK_OPTIONS)

$(eval $(call options,wiki,$(DUMP) $(EXTRACT_OPTIONS)))
# What books there are is part of the choice: files may come and go.
books_found = $(if $(strip $(BOOKS)),$(shell find -L $(BOOKS) -type f -printf '%p %s %T@\n' | sort | cksum))
$(eval $(call options,books,$(BOOKS) $(books_found) $(BOOK_OPTIONS)))
$(eval $(call options,sentences,$(DOCUMENTS:$(OUT)/%=%) $(SPLIT_OPTIONS)))
$(eval $(call options,vocab,--size $(VOCAB_SIZE) $(CASE)))
$(eval $(call options,tokens,$(VOCAB:$(OUT)/%=%) $(CASE)))
$(eval $(call options,text_shards,$(split_of_shards)))
$(foreach n,1 2,$(eval $(call options,phase$(n),$(RNG) $(call pretrain_options,$(n)) $(split_of_shards) $(CASE))))
$(foreach n,1 2,$(eval $(call options,packs$(n),$(call pack_options,$(n)))))

# ---- the arrows ----

# A URL is no file that make could look at. wiki-extract names the report first: where there are
# documents nothing is missing.
define wiki
$(call wiki_file,$(1)): $(if $(findstring ://,$(1)),,$(1)) $(OUT)/.options/wiki
	@mkdir -p $$(@D)
	$(TOOLS)/wiki-extract $(COMMON) $(EXTRACT_OPTIONS) \
	    --report $(OUT)/extract_report$(call dump_name,$(1)).json --output $$@ '$(1)'
endef
$(foreach d,$(DUMP),$(eval $(call wiki,$(d))))

$(BOOK_DOCUMENTS).txt: $(OUT)/.options/books
	@mkdir -p $(@D)
	$(TOOLS)/book-extract $(COMMON) $(BOOK_OPTIONS) --output $@ $(BOOKS)

$(SENTENCES): $(DOCUMENTS) $(OUT)/.options/sentences
	@mkdir -p $(@D)
	$(TOOLS)/split-sentences $(COMMON) $(SPLIT_OPTIONS) --output $@ $(DOCUMENTS)

$(OUT)/vocab.txt: $(SENTENCES) $(OUT)/.options/vocab
	$(TOOLS)/learn-vocab $(COMMON) $(CASE) --size $(VOCAB_SIZE) --output $@ $<

$(TOKENS): $(SENTENCES) $(VOCAB) $(OUT)/.options/tokens
	@mkdir -p $(@D)
	$(TOOLS)/tokenize $(COMMON) $(CASE) --vocab $(VOCAB) --output $@ $<

# The metadata beside a folder is written last: where it is, the folder is whole.
$(TEXT_SHARDS)_metadata.json: $(SENTENCES) $(OUT)/.options/text_shards
	@mkdir -p $(@D)
	$(TOOLS)/shard-text $(COMMON) --output $(TEXT_SHARDS) --prefix $(PREFIX) $(split_of_shards) $<

# The text shards of a part, by number: the originals make one shard of each.
texts_of = $(patsubst %,$(TEXT_SHARDS)/$(PREFIX)_$(1)_%.txt,$(shell seq 0 $$(($(2) - 1))))
split_texts := $(call texts_of,training,$(SHARDS)) $(call texts_of,test,$(TEST_SHARDS))

shards_of = $(PHASE$(1))_metadata.json
ifeq ($(RNG),python)
define phase
$$(PHASE$(1))_metadata.json: $$(TEXT_SHARDS)_metadata.json $$(VOCAB) $$(OUT)/.options/phase$(1)
	@mkdir -p $$(@D)
	$$(PRETRAIN_LAUNCH) $$(TOOLS)/make-pretrain $$(COMMON) --rng python --output $$(PHASE$(1)) \
	    --prefix $$(PREFIX) --vocab $$(VOCAB) $$(CASE) $$(call pretrain_options,$(1)) \
	    --shards $$(SHARDS) --test-shards $$(TEST_SHARDS) $$(split_texts)
endef
else
define phase
$$(PHASE$(1))_metadata.json: $$(TOKENS) $$(OUT)/.options/phase$(1)
	@mkdir -p $$(@D)
	$$(PRETRAIN_LAUNCH) $$(TOOLS)/make-pretrain $$(COMMON) --output $$(PHASE$(1)) \
	    --prefix $$(PREFIX) $$(call pretrain_options,$(1)) $$(split_of_shards) $$<
endef
endif

define packs
$$(PACKS$(1))_metadata.json: $$(call shards_of,$(1)) $$(OUT)/.options/packs$(1)
	@mkdir -p $$(@D)
	$$(TOOLS)/nnlsh-pack $$(COMMON) --input $$(PHASE$(1)) --output $$(PACKS$(1)) \
	    $$(call pack_options,$(1))
endef
$(foreach n,1 2,$(eval $(call phase,$(n))))
$(foreach n,1 2,$(eval $(call packs,$(n))))
shards: $(call shards_of,1) $(call shards_of,2)

# ---- the same again ----

# Checksums of all data, in the order of their names. No file holds a time or a path.
$(OUT)/manifest.sha256: packs
	cd $(OUT) && find . -type f ! -path './.*' ! -path './model/*' ! -name 'manifest.*' \
	    ! -name '*_trained' | LC_ALL=C sort | xargs -d '\n' sha256sum > manifest.part
	mv $(OUT)/manifest.part $@
manifest: $(OUT)/manifest.sha256

verify: $(OUT)/manifest.sha256
	rm -rf $(OUT)/.verify
	$(MAKE) -f $(THIS) OUT=$(OUT)/.verify DUMP='$(DUMP)' BOOKS='$(BOOKS)' manifest
	diff $(OUT)/manifest.sha256 $(OUT)/.verify/manifest.sha256
	rm -rf $(OUT)/.verify

# ---- training ----

# Resuming is the same command: checkpoints that are there are gone on from.
train = $(LAUNCH) $(TOOLS)/bert-train pretrain $(COMMON) --do-train \
    --config-file $(CONFIG) --vocab $(VOCAB) --output-dir $(OUT)/model \
    --input-dir $(PACKS$(1)) --max-seq-length $(PHASE$(1)_LENGTH) \
    --max-predictions-per-seq $(PHASE$(1)_MASKED) --max-steps $(PHASE$(1)_STEPS) \
    --train-batch-size $(PHASE$(1)_BATCH) \
    --gradient-accumulation-steps $(PHASE$(1)_ACCUMULATION) \
    --learning-rate $(PHASE$(1)_RATE) --warmup-proportion $(PHASE$(1)_WARMUP) \
    --num-steps-per-checkpoint $(CHECKPOINT_EVERY) --log-freq $(LOG_EVERY) \
    --json-summary $(OUT)/model/phase$(1).log \
    $$(ls -d $(OUT)/model/ckpt_* >/dev/null 2>&1 && echo --resume-from-checkpoint)

$(OUT)/phase1_trained: $(PACKS1)_metadata.json
	$(call train,1)
	touch $@

$(OUT)/phase2_trained: $(PACKS2)_metadata.json $(OUT)/phase1_trained
	$(call train,2) --phase2 --phase1-end-step $(PHASE1_STEPS)
	touch $@
