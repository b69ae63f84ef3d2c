// Made by `npm run api` (schemas 461aaea765930686, types 9253936b58ead61e). Do not edit.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * AboutSession
         * @description Names the session.
         */
        AboutSession: {
            /**
             * Session Id
             * @description Names one isolated game.
             * @default default
             * @example default
             * @example user_12345
             */
            session_id: string;
        };
        /**
         * Accepted
         * @description Nothing can be refused any more.
         */
        Accepted: {
            /**
             * Turn
             * @description The turn that is being made.
             */
            turn: number;
        };
        /**
         * Action
         * @description What the player does: `choice` or `choice_id`, and one of them.
         */
        Action: {
            /** Choice */
            choice?: string | null;
            /**
             * Choice Id
             * @description The id of a choice on offer now.
             */
            choice_id?: string | null;
            /**
             * Expected Turn
             * @description The turn that the client shows (-1 before the intro). If the session is elsewhere by now, nothing is played: 409 `stale_turn`.
             */
            expected_turn?: number | null;
            /**
             * Fate
             * @description Drawn by the server if left out, or if the session says so.
             */
            fate?: ("LUCKY" | "NORMAL" | "UNLUCKY") | null;
            /**
             * Session Id
             * @description Names one isolated game.
             * @default default
             * @example default
             * @example user_12345
             */
            session_id: string;
        } & ({
            choice: string;
            choice_id?: null;
        } | {
            choice?: null;
            choice_id: string;
        });
        /**
         * ActionOrPenalty
         * @description An action; or, for old clients, the timeout penalty.
         */
        ActionOrPenalty: {
            /** Choice */
            choice?: string | null;
            /** Choice Id */
            choice_id?: string | null;
            /**
             * Expected Turn
             * @description The turn that the client shows (-1 before the intro). If the session is elsewhere by now, nothing is played: 409 `stale_turn`.
             */
            expected_turn?: number | null;
            /** Fate */
            fate?: ("LUCKY" | "NORMAL" | "UNLUCKY") | null;
            /**
             * Is Timeout Penalty
             * @deprecated
             * @description True plays the timeout penalty instead.
             * @default false
             */
            is_timeout_penalty: boolean;
            /**
             * Session Id
             * @description Names one isolated game.
             * @default default
             * @example default
             * @example user_12345
             */
            session_id: string;
        } | {
            /** @constant */
            is_timeout_penalty: true;
        } | ({
            /** @constant */
            is_timeout_penalty?: false;
        } & ({
            choice: string;
            choice_id?: null;
        } | {
            choice?: null;
            choice_id: string;
        }));
        /**
         * ActionSecondPhase
         * @description Names the session; the rest is what old clients send along.
         */
        ActionSecondPhase: {
            /**
             * Choice
             * @deprecated
             * @description Accepted and not needed.
             */
            choice?: string | null;
            /**
             * Consequence Img Prompt
             * @deprecated
             * @description Accepted and not needed.
             */
            consequence_img_prompt?: string | null;
            /**
             * Consequence Img Url
             * @deprecated
             * @description Accepted and not needed.
             */
            consequence_img_url?: string | null;
            /**
             * Dispatch
             * @deprecated
             * @description Accepted and not needed.
             */
            dispatch?: string | null;
            /**
             * Expected Turn
             * @description The turn that the client shows (-1 before the intro). If the session is elsewhere by now, nothing is played: 409 `stale_turn`.
             */
            expected_turn?: number | null;
            /**
             * Hard Transition
             * @deprecated
             * @description Accepted and not needed.
             */
            hard_transition?: boolean | null;
            /**
             * Session Id
             * @description Names one isolated game.
             * @default default
             * @example default
             * @example user_12345
             */
            session_id: string;
            /**
             * Vision Dispatch
             * @deprecated
             * @description Accepted and not needed.
             */
            vision_dispatch?: string | null;
        };
        /**
         * Actor
         * @description Who caused a turn.
         */
        Actor: {
            /**
             * Client
             * @description What kind of client asked; `timeout` and `auto` are the server itself.
             * @default api
             */
            client: string;
            /** Name */
            name?: string | null;
        };
        /**
         * Archive
         * @description An ended run.
         */
        Archive: {
            /**
             * Archived At
             * Format: date-time
             */
            archived_at: string;
            /** Name */
            name: string;
            /**
             * Session Id
             * @description Names one isolated game.
             * @example default
             * @example user_12345
             */
            session_id: string;
            /** Turns */
            turns: number;
        };
        /** ArchiveList */
        ArchiveList: {
            /** Items */
            items: components["schemas"]["Archive"][];
        };
        /**
         * ArchiveOverview
         * @description An ended run with its last words; `before` pages further back.
         */
        ArchiveOverview: {
            /** Archive */
            archive: string;
            history: components["schemas"]["HistoryPage"];
            meta: components["schemas"]["Meta"];
            state: components["schemas"]["State"];
        };
        /**
         * Beginning
         * @description Where a story begins. Left out, the server chooses.
         */
        Beginning: {
            /**
             * Expected Turn
             * @description The turn that the client shows (-1 before the intro). If the session is elsewhere by now, nothing is played: 409 `stale_turn`.
             */
            expected_turn?: number | null;
            /** Seed */
            seed?: number | null;
            /**
             * Session Id
             * @description Names one isolated game.
             * @default default
             * @example default
             * @example user_12345
             */
            session_id: string;
            /** World */
            world?: string | null;
        };
        /**
         * CallCost
         * @description One call to a model.
         */
        CallCost: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /**
             * Capability
             * @enum {string}
             */
            capability: "text" | "image" | "video";
            /**
             * Cost Usd
             * @description What it cost; null: the price is unknown, or not yet.
             */
            cost_usd: number | null;
            /**
             * Estimated
             * @description The server did not say what it counted, or a crash hid it.
             */
            estimated: boolean;
            /**
             * Id
             * @description Counts the session's calls.
             */
            id: number;
            /** Model */
            model: string;
            /** Provider */
            provider: string;
            /** Request Id */
            request_id: string;
            /**
             * Reserved Usd
             * @description The most it could cost; null: the price is unknown.
             */
            reserved_usd: number | null;
            /**
             * Status
             * @description `reserved` while it is being made; `released` if it never was, so that it cost nothing.
             * @enum {string}
             */
            status: "reserved" | "settled" | "released";
            /**
             * Turn
             * @description The turn it was made for.
             */
            turn: number;
            units: components["schemas"]["Units"];
        };
        /**
         * CapabilityCost
         * @description What the calls of one kind have cost together.
         */
        CapabilityCost: {
            /** Calls */
            calls: number;
            /** Estimated Calls */
            estimated_calls: number;
            /**
             * Held Usd
             * @description Set aside for calls that are being made.
             */
            held_usd: number;
            /** Spent Usd */
            spent_usd: number;
            /** @description Pictures that were sent as references count as `image_input_tokens`. */
            units: components["schemas"]["Units"];
            /**
             * Unpriced Calls
             * @description Calls whose price is unknown: no part of `spent_usd`.
             */
            unpriced_calls: number;
        };
        /**
         * CarriedItem
         * @description Something in the player's pockets.
         */
        CarriedItem: {
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * Change
         * @description Only what is given changes.
         */
        Change: {
            /** Description */
            description?: string | null;
            /** Name */
            name?: string | null;
            settings?: components["schemas"]["SettingsChange"] | null;
        };
        /**
         * Choice
         * @description One offered action. The id is good for this offer only.
         */
        Choice: {
            /**
             * Id
             * @example 3a
             */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "bold" | "clever" | "weird" | "careful" | "investigate" | "move" | "item";
            /**
             * Risk
             * @description `low` needs no luck at all.
             * @enum {string}
             */
            risk: "low" | "medium" | "high";
            /**
             * Text
             * @example Cut a gap in the wire with the bolt cutters
             */
            text: string;
        };
        /**
         * ChoicesChanged
         * @description Other choices are on offer; the old ids are good no more.
         */
        ChoicesChanged: {
            /** Choices */
            choices: components["schemas"]["Choice"][];
            /**
             * Turn
             * @description The turn it is about; -1 before the intro.
             */
            turn: number;
            /**
             * Type
             * @default choices.changed
             * @constant
             */
            type: "choices.changed";
        };
        /**
         * ChosenAction
         * @description What was chosen: an offer, or (without an id) the player's own words.
         */
        ChosenAction: {
            /** Id */
            id: string | null;
            /** Text */
            text: string;
        };
        /**
         * ComingImage
         * @description The room that a picture will take, so that nothing jumps when it comes.
         */
        ComingImage: {
            /** Height */
            height: number;
            /**
             * Status
             * @enum {string}
             */
            status: "pending" | "ready" | "failed" | "off";
            /** Width */
            width: number;
        };
        /**
         * Cost
         * @description What the session has cost so far.
         */
        Cost: {
            /** Budget Usd */
            budget_usd?: number | null;
            /**
             * Spent Usd
             * @default 0
             */
            spent_usd: number;
        };
        /**
         * CostReport
         * @description What a session has cost: its sums, a page of its calls, and its newest 200 turns.
         *
         *     The ledger is of the session and not of a run: it survives resets and rewinds, while `turns`
         *     are those of the present run.
         */
        CostReport: {
            /** Budget Usd */
            budget_usd: number | null;
            /**
             * Calls
             * @description Newest first.
             */
            calls: components["schemas"]["CallCost"][];
            /** Held Usd */
            held_usd: number;
            image: components["schemas"]["CapabilityCost"];
            /**
             * Next Before
             * @description Asks for the page of older calls; null on the last one.
             */
            next_before: number | null;
            /** Spent Usd */
            spent_usd: number;
            text: components["schemas"]["CapabilityCost"];
            /** Turns */
            turns: components["schemas"]["TurnCost"][];
            video: components["schemas"]["CapabilityCost"];
        };
        /**
         * Deadline
         * @description The deadline was armed, moved, held or lifted.
         */
        Deadline: {
            /** Deadline At */
            deadline_at: string | null;
            /** Held By */
            held_by?: string | null;
            /**
             * Turn
             * @description The turn it is about; -1 before the intro.
             */
            turn: number;
            /**
             * Type
             * @default deadline
             * @constant
             */
            type: "deadline";
        };
        /**
         * DeadlineChange
         * @description What is to become of the deadline, and who wants it.
         */
        DeadlineChange: {
            /**
             * Action
             * @enum {string}
             */
            action: "hold" | "resume" | "extend";
            /**
             * Name
             * @description Who asks, as the other players are told; left out, whom the header `Elsewhere-Player` names.
             * @example Ada
             */
            name?: string | null;
            /**
             * Seconds
             * @description For `extend`: how much longer; left out, as long again as a turn has.
             */
            seconds?: number | null;
        };
        /**
         * Deleted
         * @description What became of a session.
         */
        Deleted: {
            /**
             * Archive
             * @description The archive's name, if it was kept.
             */
            archive: string | null;
            /**
             * Session Id
             * @description Names one isolated game.
             * @example default
             * @example user_12345
             */
            session_id: string;
        };
        /**
         * DeletedArchive
         * @description An archive that is no more.
         */
        DeletedArchive: {
            /** Archive */
            archive: string;
        };
        /**
         * DispatchDelta
         * @description More of the dispatch, as it is written. It has no id: a new stream begins with all of it.
         */
        DispatchDelta: {
            /**
             * Offset
             * @description Where `text` begins, in characters (code points).
             */
            offset: number;
            /** Text */
            text: string;
            /**
             * Turn
             * @description The turn it is about; -1 before the intro.
             */
            turn: number;
            /**
             * Type
             * @default dispatch.delta
             * @constant
             */
            type: "dispatch.delta";
        };
        /** Envelope[Accepted] */
        Envelope_Accepted_: {
            data: components["schemas"]["Accepted"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[ArchiveList] */
        Envelope_ArchiveList_: {
            data: components["schemas"]["ArchiveList"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[ArchiveOverview] */
        Envelope_ArchiveOverview_: {
            data: components["schemas"]["ArchiveOverview"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[CostReport] */
        Envelope_CostReport_: {
            data: components["schemas"]["CostReport"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[Deleted] */
        Envelope_Deleted_: {
            data: components["schemas"]["Deleted"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[DeletedArchive] */
        Envelope_DeletedArchive_: {
            data: components["schemas"]["DeletedArchive"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[HistoryEntry] */
        Envelope_HistoryEntry_: {
            data: components["schemas"]["HistoryEntry"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[HistoryPage] */
        Envelope_HistoryPage_: {
            data: components["schemas"]["HistoryPage"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[Info] */
        Envelope_Info_: {
            data: components["schemas"]["Info"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[Meta] */
        Envelope_Meta_: {
            data: components["schemas"]["Meta"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[OldConfig] */
        Envelope_OldConfig_: {
            data: components["schemas"]["OldConfig"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[OldHistory] */
        Envelope_OldHistory_: {
            data: components["schemas"]["OldHistory"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[OldMovement] */
        Envelope_OldMovement_: {
            data: components["schemas"]["OldMovement"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[Overview] */
        Envelope_Overview_: {
            data: components["schemas"]["Overview"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[Prompt] */
        Envelope_Prompt_: {
            data: components["schemas"]["Prompt"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[Ready] */
        Envelope_Ready_: {
            data: components["schemas"]["Ready"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[Saved] */
        Envelope_Saved_: {
            data: components["schemas"]["Saved"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[SessionList] */
        Envelope_SessionList_: {
            data: components["schemas"]["SessionList"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[State] */
        Envelope_State_: {
            data: components["schemas"]["State"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[StatePath] */
        Envelope_StatePath_: {
            data: components["schemas"]["StatePath"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[Status] */
        Envelope_Status_: {
            data: components["schemas"]["Status"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[Tape] */
        Envelope_Tape_: {
            data: components["schemas"]["Tape"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[TapeList] */
        Envelope_TapeList_: {
            data: components["schemas"]["TapeList"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[Tick] */
        Envelope_Tick_: {
            data: components["schemas"]["Tick"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[Token] */
        Envelope_Token_: {
            data: components["schemas"]["Token"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[Turn] */
        Envelope_Turn_: {
            data: components["schemas"]["Turn"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[WorldDetail] */
        Envelope_WorldDetail_: {
            data: components["schemas"]["WorldDetail"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /** Envelope[WorldList] */
        Envelope_WorldList_: {
            data: components["schemas"]["WorldList"];
            /**
             * Message
             * @description One line for a person.
             */
            message: string;
            /**
             * Success
             * @default true
             * @constant
             */
            success: true;
        };
        /**
         * Failure
         * @description What did not, in the same shape for every error.
         */
        Failure: {
            /**
             * Code
             * @description Stable; programs decide by it.
             * @example session_not_found
             */
            code: string;
            /**
             * Details
             * @description More of it, where there is more.
             * @default null
             */
            details: string | null;
            /**
             * Error
             * @description One line for a person.
             */
            error: string;
            /**
             * Success
             * @default false
             * @constant
             */
            success: false;
        };
        /**
         * Filming
         * @description How far the film goes.
         */
        Filming: {
            /**
             * Turn
             * @description The last turn that it shows; the present one if it is left out.
             */
            turn?: number | null;
        };
        /**
         * Fork
         * @description From which turn, and under which id and name.
         */
        Fork: {
            /** Name */
            name?: string | null;
            /** Session Id */
            session_id?: string | null;
            /**
             * Turn
             * @description A turn; the intro is 0.
             */
            turn: number;
        };
        /**
         * Health
         * @description The process is up. Nothing more is said or asked.
         */
        Health: {
            /**
             * Service
             * @default elsewhere
             * @constant
             */
            service: "elsewhere";
            /**
             * Status
             * @default ok
             * @constant
             */
            status: "ok";
            /** Version */
            version: string;
        };
        /**
         * Hello
         * @description The first event of every stream.
         */
        Hello: {
            /**
             * Players
             * @description Open streams that may play.
             */
            players: number;
            /**
             * Role
             * @description `spectator`: this stream's token is for watching only.
             * @default player
             * @enum {string}
             */
            role: "player" | "spectator";
            running_turn: components["schemas"]["RunningTurn"] | null;
            /**
             * Server Time
             * Format: date-time
             */
            server_time: string;
            /**
             * Turn
             * @description The turn it is about; -1 before the intro.
             */
            turn: number;
            /**
             * Type
             * @default hello
             * @constant
             */
            type: "hello";
            /**
             * Watchers
             * @description Open streams, this one among them.
             */
            watchers: number;
        };
        /**
         * HistoryEntry
         * @description A turn with its circumstances. History never changes; entries are only added.
         */
        HistoryEntry: {
            /** Action */
            action: string | null;
            /** Alive */
            alive: boolean;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Chaos */
            chaos: number;
            /** Choices */
            choices: components["schemas"]["Choice"][];
            /** Cost Usd */
            cost_usd: number;
            /** Deadline At */
            deadline_at: string | null;
            /** Dispatch */
            dispatch: string;
            /** Evolution Summary */
            evolution_summary: string;
            /** Fate */
            fate: ("LUCKY" | "NORMAL" | "UNLUCKY") | null;
            /**
             * Hard Transition
             * @description The picture is of another place than the one before.
             */
            hard_transition: boolean;
            /** Health */
            health: number;
            image: components["schemas"]["Image"] | null;
            /** Is Custom Action */
            is_custom_action: boolean;
            /**
             * Is Timeout
             * @default false
             */
            is_timeout: boolean;
            /**
             * Locked
             * @description What cannot be chosen here yet and shows what to aim for; one at most. It comes on top of the choices and is never one of them.
             * @default []
             */
            locked: components["schemas"]["LockedChoice"][];
            /** Movement */
            movement: ("still" | "forward" | "back" | "left" | "right" | "fall") | null;
            /**
             * Offered
             * @description The choices that were offered before it.
             */
            offered: components["schemas"]["Choice"][];
            /**
             * Phase
             * @enum {string}
             */
            phase: "new" | "choosing" | "resolving" | "awaiting_choices" | "over";
            /** Request Key */
            request_key: string | null;
            /**
             * Session Id
             * @description Names one isolated game.
             * @example default
             * @example user_12345
             */
            session_id: string;
            /** Situation */
            situation: string;
            /**
             * Source
             * @enum {string}
             */
            source: "ai" | "offline";
            /** @description What was true after it. */
            state: components["schemas"]["Snapshot"];
            /** Turn */
            turn: number;
            video: components["schemas"]["Video"] | null;
            /** Vision Dispatch */
            vision_dispatch: string;
        };
        /**
         * HistoryPage
         * @description Entries newest first; `next_before` asks for the page of older ones.
         */
        HistoryPage: {
            /** Items */
            items: components["schemas"]["HistoryEntry"][];
            /** Next Before */
            next_before: number | null;
            /** Total */
            total: number;
        };
        /**
         * Image
         * @description The picture of a turn. `url` answers 200 exactly when `status` is `ready`.
         */
        Image: {
            /**
             * Alt
             * @description What the picture shows, in plain words.
             */
            alt: string;
            /** Height */
            height: number;
            /** Id */
            id: string;
            /**
             * Mime
             * @default image/webp
             */
            mime: string;
            /**
             * Status
             * @enum {string}
             */
            status: "pending" | "ready" | "failed" | "off";
            /** Url */
            url: string | null;
            /** Width */
            width: number;
        };
        /**
         * ImageFailed
         * @description A late picture will not come.
         */
        ImageFailed: {
            /** Code */
            code: string;
            image: components["schemas"]["Image"];
            /**
             * Turn
             * @description The turn it is about; -1 before the intro.
             */
            turn: number;
            /**
             * Type
             * @default image.failed
             * @constant
             */
            type: "image.failed";
        };
        /**
         * ImageReady
         * @description A late picture is there.
         */
        ImageReady: {
            image: components["schemas"]["Image"];
            /**
             * Turn
             * @description The turn it is about; -1 before the intro.
             */
            turn: number;
            /**
             * Type
             * @default image.ready
             * @constant
             */
            type: "image.ready";
        };
        /**
         * Info
         * @description What this server is.
         */
        Info: {
            /** Default World */
            default_world: string;
            /**
             * Durability
             * @description What an acknowledged turn survives: a power cut, or a crash.
             * @enum {string}
             */
            durability: "power" | "process";
            /**
             * Illustrator
             * @description Who paints; `offline` is built in.
             */
            illustrator: string;
            limits: components["schemas"]["Limits"];
            /**
             * Narrator
             * @description Who words the turns; `offline` is built in.
             */
            narrator: string;
            /** Version */
            version: string;
            /** Worlds */
            worlds: string[];
        };
        /**
         * IntroSecondPhase
         * @description Names the session; the rest is what old clients send along.
         */
        IntroSecondPhase: {
            /**
             * Dispatch
             * @deprecated
             * @description Accepted and not needed.
             */
            dispatch?: string | null;
            /**
             * Expected Turn
             * @description The turn that the client shows (-1 before the intro). If the session is elsewhere by now, nothing is played: 409 `stale_turn`.
             */
            expected_turn?: number | null;
            /**
             * Image Url
             * @deprecated
             * @description Accepted and not needed.
             */
            image_url?: string | null;
            /**
             * Prologue
             * @deprecated
             * @description Accepted and not needed.
             */
            prologue?: string | null;
            /**
             * Session Id
             * @description Names one isolated game.
             * @default default
             * @example default
             * @example user_12345
             */
            session_id: string;
            /**
             * Vision Dispatch
             * @deprecated
             * @description Accepted and not needed.
             */
            vision_dispatch?: string | null;
        };
        /**
         * Limits
         * @description How much this server takes.
         */
        Limits: {
            /** Action Characters */
            action_characters: number;
            /** Body Bytes */
            body_bytes: number;
            /** History Page */
            history_page: number;
            /** Import Bytes */
            import_bytes: number;
        };
        /**
         * Location
         * @description A place of the world pack.
         */
        Location: {
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * LockedChoice
         * @description Something that cannot be chosen yet. It is no choice: it has no id, and is never played.
         */
        LockedChoice: {
            /**
             * Needs
             * @description What is missing, in the player's words.
             * @example three proofs, and a live set to send them
             */
            needs: string;
            /**
             * Text
             * @example Transmit the pictures
             */
            text: string;
        };
        /**
         * Meta
         * @description What a session is called and how it is set.
         */
        Meta: {
            /**
             * Auto Turns
             * @description Turns of auto-play since it was last switched on.
             * @default 0
             */
            auto_turns: number;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Description */
            description: string;
            /**
             * Edition
             * @description How often its tokens and share codes were replaced.
             * @default 0
             */
            edition: number;
            /** Name */
            name: string;
            parent?: components["schemas"]["Parent"] | null;
            /**
             * Run
             * @description How often it was reset or rewound.
             * @default 0
             */
            run: number;
            /**
             * Session Id
             * @description Names one isolated game.
             * @example default
             * @example user_12345
             */
            session_id: string;
            settings: components["schemas"]["Settings"];
            /** World */
            world: string;
        };
        /**
         * NewSession
         * @description Everything may be left out: the server then chooses an id that cannot be guessed.
         */
        NewSession: {
            /**
             * Description
             * @default
             */
            description: string;
            /** Name */
            name?: string | null;
            /** Seed */
            seed?: number | null;
            /** Session Id */
            session_id?: string | null;
            settings?: components["schemas"]["Settings"] | null;
            /** World */
            world?: string | null;
        };
        /**
         * OldConfig
         * @description The settings of the default session, by their old names.
         */
        OldConfig: {
            /** Image Enabled */
            IMAGE_ENABLED: boolean;
            /** Quality Mode */
            QUALITY_MODE: boolean;
            /** Veo Mode Enabled */
            VEO_MODE_ENABLED: boolean;
            /** World Image Enabled */
            WORLD_IMAGE_ENABLED: boolean;
        };
        /**
         * OldConfigChange
         * @description Only what is given changes.
         */
        OldConfigChange: {
            /**
             * Image Enabled
             * @default true
             */
            IMAGE_ENABLED: boolean;
            /**
             * Quality Mode
             * @default false
             */
            QUALITY_MODE: boolean;
            /**
             * Veo Mode Enabled
             * @default false
             */
            VEO_MODE_ENABLED: boolean;
            /**
             * World Image Enabled
             * @default true
             */
            WORLD_IMAGE_ENABLED: boolean;
        };
        /**
         * OldHistory
         * @description Oldest first.
         */
        OldHistory: {
            /** History */
            history: components["schemas"]["HistoryEntry"][];
            /** Length */
            length: number;
        };
        /**
         * OldMovement
         * @description How the camera moved in the last turn.
         */
        OldMovement: {
            /** Movement Type */
            movement_type: ("still" | "forward" | "back" | "left" | "right" | "fall") | null;
        };
        /**
         * OldState
         * @description A state as it was read. Only its settings may have been changed.
         */
        OldState: {
            settings?: components["schemas"]["SettingsChange"] | null;
        } & {
            [key: string]: unknown;
        };
        /**
         * Overview
         * @description A session at a glance: what it is called, what is true, what happened last.
         */
        Overview: {
            /** History */
            history: components["schemas"]["HistoryEntry"][];
            meta: components["schemas"]["Meta"];
            state: components["schemas"]["State"];
        };
        /**
         * Parent
         * @description Where a fork came from.
         */
        Parent: {
            /**
             * Session Id
             * @description Names one isolated game.
             * @example default
             * @example user_12345
             */
            session_id: string;
            /** Turn */
            turn: number;
        };
        /**
         * Player
         * @description The one the story happens to. Dead at health 0, and dead for good.
         */
        Player: {
            /**
             * Alive
             * @default true
             */
            alive: boolean;
            /**
             * Health
             * @default 100
             */
            health: number;
            /**
             * Injuries
             * @default []
             */
            injuries: string[];
            /**
             * Inventory
             * @default []
             */
            inventory: components["schemas"]["CarriedItem"][];
        };
        /**
         * Playing
         * @description What every request that plays may carry.
         */
        Playing: {
            /**
             * Expected Turn
             * @description The turn that the client shows (-1 before the intro). If the session is elsewhere by now, nothing is played: 409 `stale_turn`.
             */
            expected_turn?: number | null;
            /**
             * Session Id
             * @description Names one isolated game.
             * @default default
             * @example default
             * @example user_12345
             */
            session_id: string;
        };
        /**
         * Presence
         * @description How many are there. It has no id.
         */
        Presence: {
            /** Players */
            players: number;
            /**
             * Turn
             * @description The turn it is about; -1 before the intro.
             */
            turn: number;
            /**
             * Type
             * @default presence
             * @constant
             */
            type: "presence";
            /** Watchers */
            watchers: number;
        };
        /**
         * Prompt
         * @description A text that steers how turns are told or painted.
         */
        Prompt: {
            /** Key */
            key: string;
            /** Value */
            value: string;
        };
        /**
         * Ready
         * @description What the service works with, each tried within the last second.
         */
        Ready: {
            /**
             * Breakers
             * @description Of the models in use. While one is `open` its model is left alone; the service is ready all the same.
             */
            breakers: {
                [key: string]: "closed" | "open" | "half-open";
            };
            /**
             * Free Bytes
             * @description On the fuller of the disks it writes to.
             */
            free_bytes: number;
            /** Illustrator */
            illustrator: string;
            /** Narrator */
            narrator: string;
            /**
             * Painter
             * @description The built-in illustrator; `idle`: its processes start when wanted.
             * @enum {string}
             */
            painter: "idle" | "busy" | "ok";
            /**
             * Store
             * @default ok
             * @constant
             */
            store: "ok";
        };
        /**
         * Reset
         * @description Which session begins again, and where.
         */
        Reset: {
            /** Seed */
            seed?: number | null;
            /**
             * Session Id
             * @description Names one isolated game.
             * @default default
             * @example default
             * @example user_12345
             */
            session_id: string;
            /** World */
            world?: string | null;
        };
        /**
         * Restore
         * @description Under which id the run goes on.
         */
        Restore: {
            /** Session Id */
            session_id?: string | null;
        };
        /**
         * Resync
         * @description What was missed cannot be told any more: read the state.
         */
        Resync: {
            /**
             * Reason
             * @description `in_doubt`: a write failed, and the state says what became of it. `reset`: the session was reset or rewound meanwhile.
             * @enum {string}
             */
            reason: "too_old" | "unknown_id" | "reset" | "in_doubt";
            /**
             * Turn
             * @description The turn it is about; -1 before the intro.
             */
            turn: number;
            /**
             * Type
             * @default resync
             * @constant
             */
            type: "resync";
        };
        /**
         * Rewind
         * @description The last turn that is kept.
         */
        Rewind: {
            /**
             * Turn
             * @description A turn; the intro is 0.
             */
            turn: number;
        };
        /**
         * RunningTurn
         * @description A turn that is being made, as far as it has been told.
         */
        RunningTurn: {
            actor: components["schemas"]["Actor"];
            /** @description Null for the intro and where the clock ran out. */
            choice: components["schemas"]["ChosenAction"] | null;
            /**
             * Expected Turn
             * @description The turn that it follows.
             */
            expected_turn: number;
            /** Fate */
            fate: ("LUCKY" | "NORMAL" | "UNLUCKY") | null;
            image: components["schemas"]["ComingImage"];
            /**
             * Text
             * @description Provisional: what is committed is what counts.
             */
            text: string;
            /**
             * Turn
             * @description The turn it is about; -1 before the intro.
             */
            turn: number;
        };
        /**
         * Saved
         * @description The settings are kept.
         */
        Saved: {
            /**
             * Saved
             * @default true
             */
            saved: boolean;
        };
        /**
         * SaveState
         * @description A session's state, sent back.
         */
        SaveState: {
            /**
             * Session Id
             * @description Names one isolated game.
             * @default default
             * @example default
             * @example user_12345
             */
            session_id: string;
            state: components["schemas"]["OldState"];
        };
        /** SessionList */
        SessionList: {
            /** Items */
            items: components["schemas"]["Meta"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * SessionOver
         * @description The run has ended; or (`deleted`) the session is gone, and the stream ends here.
         */
        SessionOver: {
            /**
             * Reason
             * @enum {string}
             */
            reason: "death" | "ending" | "deleted";
            /**
             * Turn
             * @description The turn it is about; -1 before the intro.
             */
            turn: number;
            /**
             * Type
             * @default session.over
             * @constant
             */
            type: "session.over";
        };
        /**
         * SessionReset
         * @description The session begins again, or goes on from an earlier turn: read the state.
         */
        SessionReset: {
            /**
             * Reason
             * @enum {string}
             */
            reason: "reset" | "rewind";
            /**
             * Turn
             * @description The turn it is about; -1 before the intro.
             */
            turn: number;
            /**
             * Type
             * @default session.reset
             * @constant
             */
            type: "session.reset";
        };
        /**
         * Settings
         * @description What may be set per session. They survive a reset.
         */
        Settings: {
            /**
             * Auto Play
             * @default false
             */
            auto_play: boolean;
            /**
             * Auto Play Seconds
             * @default 30
             */
            auto_play_seconds: number;
            /** Budget Usd */
            budget_usd?: number | null;
            /**
             * Deadline Seconds
             * @description 0 = no deadline.
             * @default 0
             */
            deadline_seconds: number;
            /**
             * Fate By
             * @description Whether a `fate` named by the client is honoured.
             * @default client
             * @enum {string}
             */
            fate_by: "server" | "client";
            /**
             * Images
             * @default true
             */
            images: boolean;
            /**
             * On Provider Failure
             * @default error
             * @enum {string}
             */
            on_provider_failure: "error" | "offline";
            /**
             * Quality
             * @default fast
             * @enum {string}
             */
            quality: "fast" | "high";
            /**
             * Videos
             * @default false
             */
            videos: boolean;
        };
        /**
         * SettingsChange
         * @description Only what is given changes.
         */
        SettingsChange: {
            /** Auto Play */
            auto_play?: boolean;
            /** Auto Play Seconds */
            auto_play_seconds?: number;
            /** Budget Usd */
            budget_usd?: number | null;
            /** Deadline Seconds */
            deadline_seconds?: number;
            /**
             * Fate By
             * @enum {string}
             */
            fate_by?: "server" | "client";
            /** Images */
            images?: boolean;
            /**
             * On Provider Failure
             * @enum {string}
             */
            on_provider_failure?: "error" | "offline";
            /**
             * Quality
             * @enum {string}
             */
            quality?: "fast" | "high";
            /** Videos */
            videos?: boolean;
        };
        /**
         * Snapshot
         * @description What is true after a turn. Stored with every history entry.
         */
        Snapshot: {
            /** Chaos */
            chaos: number;
            /** Choices */
            choices: components["schemas"]["Choice"][];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Deadline At */
            deadline_at: string | null;
            /** Dispatch */
            dispatch: string;
            /** Fate */
            fate: ("LUCKY" | "NORMAL" | "UNLUCKY") | null;
            image: components["schemas"]["Image"] | null;
            /**
             * Last Event Id
             * @description Counts every durable change.
             */
            last_event_id: number;
            location: components["schemas"]["Location"];
            /**
             * Locked
             * @description What cannot be chosen here yet and shows what to aim for; one at most. It comes on top of the choices and is never one of them.
             * @default []
             */
            locked: components["schemas"]["LockedChoice"][];
            /** Mood */
            mood: string;
            /** Movement */
            movement: ("still" | "forward" | "back" | "left" | "right" | "fall") | null;
            /**
             * Phase
             * @enum {string}
             */
            phase: "new" | "choosing" | "resolving" | "awaiting_choices" | "over";
            player: components["schemas"]["Player"];
            /**
             * Seed
             * @description Same seed, same choices, same game.
             */
            seed: number;
            /**
             * Session Id
             * @description Names one isolated game.
             * @example default
             * @example user_12345
             */
            session_id: string;
            /** Situation */
            situation: string;
            /**
             * Spent Usd
             * @default 0
             */
            spent_usd: number;
            /**
             * Time Of Day
             * @enum {string}
             */
            time_of_day: "night" | "dawn" | "day" | "dusk";
            /**
             * Turn
             * @description -1 before the intro; the intro is turn 0.
             */
            turn: number;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
            video: components["schemas"]["Video"] | null;
            /** Vision Dispatch */
            vision_dispatch: string;
            /**
             * Weather
             * @enum {string}
             */
            weather: "clear" | "dust" | "rain" | "fog" | "snow";
            /** World */
            world: string;
        };
        /**
         * State
         * @description What is true now, with the session's settings and its cost.
         */
        State: {
            /** Chaos */
            chaos: number;
            /** Choices */
            choices: components["schemas"]["Choice"][];
            cost: components["schemas"]["Cost"];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Deadline At */
            deadline_at: string | null;
            /** Dispatch */
            dispatch: string;
            /** Fate */
            fate: ("LUCKY" | "NORMAL" | "UNLUCKY") | null;
            /**
             * Held By
             * @description Who holds the deadline; `deadline_at` is null then.
             */
            held_by?: string | null;
            /**
             * Held Seconds
             * @description What is left of a deadline that is held.
             */
            held_seconds?: number | null;
            image: components["schemas"]["Image"] | null;
            /**
             * Last Event Id
             * @description Counts every durable change.
             */
            last_event_id: number;
            location: components["schemas"]["Location"];
            /**
             * Locked
             * @description What cannot be chosen here yet and shows what to aim for; one at most. It comes on top of the choices and is never one of them.
             * @default []
             */
            locked: components["schemas"]["LockedChoice"][];
            /** Mood */
            mood: string;
            /** Movement */
            movement: ("still" | "forward" | "back" | "left" | "right" | "fall") | null;
            /**
             * Phase
             * @enum {string}
             */
            phase: "new" | "choosing" | "resolving" | "awaiting_choices" | "over";
            player: components["schemas"]["Player"];
            /**
             * Seed
             * @description Same seed, same choices, same game.
             */
            seed: number;
            /**
             * Session Id
             * @description Names one isolated game.
             * @example default
             * @example user_12345
             */
            session_id: string;
            settings: components["schemas"]["Settings"];
            /** Situation */
            situation: string;
            /**
             * Spent Usd
             * @default 0
             */
            spent_usd: number;
            /**
             * Time Of Day
             * @enum {string}
             */
            time_of_day: "night" | "dawn" | "day" | "dusk";
            /**
             * Turn
             * @description -1 before the intro; the intro is turn 0.
             */
            turn: number;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
            video: components["schemas"]["Video"] | null;
            /** Vision Dispatch */
            vision_dispatch: string;
            /**
             * Weather
             * @enum {string}
             */
            weather: "clear" | "dust" | "rain" | "fog" | "snow";
            /** World */
            world: string;
        };
        /**
         * StatePath
         * @description Where the state is kept, relative to the server's data.
         */
        StatePath: {
            /**
             * Path
             * @example sessions/default/state.json
             */
            path: string;
        };
        /**
         * Status
         * @description The little that a list or a poll needs.
         */
        Status: {
            /**
             * Accessed At
             * Format: date-time
             */
            accessed_at: string;
            /** Alive */
            alive: boolean;
            location: components["schemas"]["Location"];
            /**
             * Phase
             * @enum {string}
             */
            phase: "new" | "choosing" | "resolving" | "awaiting_choices" | "over";
            /**
             * Session Id
             * @description Names one isolated game.
             * @example default
             * @example user_12345
             */
            session_id: string;
            /** Turn */
            turn: number;
        };
        /**
         * Tape
         * @description The film of a run. `url` and `preview_url` answer 200 exactly when `status` is `ready`.
         */
        Tape: {
            /**
             * Bytes
             * @description Of the film; null until it is there.
             */
            bytes: number | null;
            /**
             * Captions Url
             * @description Its dispatches as WebVTT; there at once.
             */
            captions_url: string;
            /** Duration S */
            duration_s: number;
            /**
             * Name
             * @description Names what it shows; never used for anything else.
             */
            name: string;
            /**
             * Preview Url
             * @description The same as an animated WebP under 8 MB.
             */
            preview_url: string | null;
            /** Progress */
            progress: number;
            /**
             * Session Id
             * @description Names one isolated game.
             * @example default
             * @example user_12345
             */
            session_id: string;
            /**
             * Status
             * @description `failed`: it could not be made; ask for it again.
             * @enum {string}
             */
            status: "making" | "ready" | "failed";
            /**
             * Turn
             * @description The last turn that it shows.
             */
            turn: number;
            /**
             * Turns
             * @description How many scenes it has, the intro among them.
             */
            turns: number;
            /**
             * Url
             * @description The film: MP4 with chapters and captions.
             */
            url: string | null;
        };
        /**
         * TapeList
         * @description The tapes of a run, the newest first.
         */
        TapeList: {
            /** Items */
            items: components["schemas"]["Tape"][];
        };
        /**
         * TapeReady
         * @description The film of a run is there. It shows the turns up to this one.
         */
        TapeReady: {
            tape: components["schemas"]["Tape"];
            /**
             * Turn
             * @description The turn it is about; -1 before the intro.
             */
            turn: number;
            /**
             * Type
             * @default tape.ready
             * @constant
             */
            type: "tape.ready";
        };
        /**
         * Tick
         * @description The situation at the start of a turn. Reporting it plays nothing.
         */
        Tick: {
            /** Choices */
            choices: components["schemas"]["Choice"][];
            /** Deadline At */
            deadline_at: string | null;
            /**
             * Phase
             * @enum {string}
             */
            phase: "new" | "choosing" | "resolving" | "awaiting_choices" | "over";
            /** Situation */
            situation: string;
            /** Threats */
            threats: string[];
            /**
             * Time Of Day
             * @enum {string}
             */
            time_of_day: "night" | "dawn" | "day" | "dusk";
            /** Turn */
            turn: number;
            /**
             * Weather
             * @enum {string}
             */
            weather: "clear" | "dust" | "rain" | "fog" | "snow";
        };
        /**
         * Token
         * @description A token of one session. Send it as `Authorization: Bearer`; it is shown this once.
         */
        Token: {
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /**
             * Role
             * @enum {string}
             */
            role: "play" | "watch";
            /**
             * Session Id
             * @description Names one isolated game.
             * @example default
             * @example user_12345
             */
            session_id: string;
            /** Token */
            token: string;
        };
        /**
         * TokenRequest
         * @description What the token is for.
         */
        TokenRequest: {
            /**
             * Replace
             * @description Make every token and share code that was given before worthless.
             * @default false
             */
            replace: boolean;
            /**
             * Role
             * @description `play` may do everything with the session, `watch` only read it.
             * @default watch
             * @enum {string}
             */
            role: "play" | "watch";
        };
        /**
         * Turn
         * @description One turn as it was told.
         */
        Turn: {
            /** Action */
            action: string | null;
            /** Alive */
            alive: boolean;
            /** Chaos */
            chaos: number;
            /** Choices */
            choices: components["schemas"]["Choice"][];
            /** Cost Usd */
            cost_usd: number;
            /** Deadline At */
            deadline_at: string | null;
            /** Dispatch */
            dispatch: string;
            /** Evolution Summary */
            evolution_summary: string;
            /** Fate */
            fate: ("LUCKY" | "NORMAL" | "UNLUCKY") | null;
            /**
             * Hard Transition
             * @description The picture is of another place than the one before.
             */
            hard_transition: boolean;
            /** Health */
            health: number;
            image: components["schemas"]["Image"] | null;
            /** Is Custom Action */
            is_custom_action: boolean;
            /**
             * Is Timeout
             * @default false
             */
            is_timeout: boolean;
            /**
             * Locked
             * @description What cannot be chosen here yet and shows what to aim for; one at most. It comes on top of the choices and is never one of them.
             * @default []
             */
            locked: components["schemas"]["LockedChoice"][];
            /** Movement */
            movement: ("still" | "forward" | "back" | "left" | "right" | "fall") | null;
            /**
             * Phase
             * @enum {string}
             */
            phase: "new" | "choosing" | "resolving" | "awaiting_choices" | "over";
            /**
             * Session Id
             * @description Names one isolated game.
             * @example default
             * @example user_12345
             */
            session_id: string;
            /** Situation */
            situation: string;
            /**
             * Source
             * @enum {string}
             */
            source: "ai" | "offline";
            /** Turn */
            turn: number;
            video: components["schemas"]["Video"] | null;
            /** Vision Dispatch */
            vision_dispatch: string;
        };
        /**
         * TurnCommitted
         * @description The whole turn, as it is kept. It alone is enough to draw the turn.
         */
        TurnCommitted: {
            /** Action */
            action: string | null;
            /** Alive */
            alive: boolean;
            /** Chaos */
            chaos: number;
            /** Choices */
            choices: components["schemas"]["Choice"][];
            /** Cost Usd */
            cost_usd: number;
            /** Deadline At */
            deadline_at: string | null;
            /** Dispatch */
            dispatch: string;
            /** Evolution Summary */
            evolution_summary: string;
            /** Fate */
            fate: ("LUCKY" | "NORMAL" | "UNLUCKY") | null;
            /**
             * Hard Transition
             * @description The picture is of another place than the one before.
             */
            hard_transition: boolean;
            /** Health */
            health: number;
            image: components["schemas"]["Image"] | null;
            /** Is Custom Action */
            is_custom_action: boolean;
            /**
             * Is Timeout
             * @default false
             */
            is_timeout: boolean;
            /**
             * Locked
             * @description What cannot be chosen here yet and shows what to aim for; one at most. It comes on top of the choices and is never one of them.
             * @default []
             */
            locked: components["schemas"]["LockedChoice"][];
            /** Movement */
            movement: ("still" | "forward" | "back" | "left" | "right" | "fall") | null;
            /**
             * Phase
             * @enum {string}
             */
            phase: "new" | "choosing" | "resolving" | "awaiting_choices" | "over";
            /**
             * Session Id
             * @description Names one isolated game.
             * @example default
             * @example user_12345
             */
            session_id: string;
            /** Situation */
            situation: string;
            /**
             * Source
             * @enum {string}
             */
            source: "ai" | "offline";
            /** Turn */
            turn: number;
            /**
             * Type
             * @default turn.committed
             * @constant
             */
            type: "turn.committed";
            video: components["schemas"]["Video"] | null;
            /** Vision Dispatch */
            vision_dispatch: string;
        };
        /** TurnCost */
        TurnCost: {
            /** Cost Usd */
            cost_usd: number;
            /**
             * Source
             * @enum {string}
             */
            source: "ai" | "offline";
            /** Turn */
            turn: number;
        };
        /**
         * TurnFailed
         * @description The turn was not made; the session is what it was before.
         */
        TurnFailed: {
            /** Code */
            code: string;
            /**
             * Error
             * @description One line for a person.
             */
            error: string;
            /**
             * Retry After
             * @description Seconds after which the same request may work.
             */
            retry_after: number | null;
            /**
             * Turn
             * @description The turn it is about; -1 before the intro.
             */
            turn: number;
            /**
             * Type
             * @default turn.failed
             * @constant
             */
            type: "turn.failed";
            /**
             * Unchanged
             * @default true
             * @constant
             */
            unchanged: true;
        };
        /**
         * TurnStarted
         * @description A turn is being made.
         */
        TurnStarted: {
            actor: components["schemas"]["Actor"];
            /** @description Null for the intro and where the clock ran out. */
            choice: components["schemas"]["ChosenAction"] | null;
            /**
             * Expected Turn
             * @description The turn that it follows.
             */
            expected_turn: number;
            /** Fate */
            fate: ("LUCKY" | "NORMAL" | "UNLUCKY") | null;
            image: components["schemas"]["ComingImage"];
            /**
             * Turn
             * @description The turn it is about; -1 before the intro.
             */
            turn: number;
            /**
             * Type
             * @default turn.started
             * @constant
             */
            type: "turn.started";
        };
        /**
         * Units
         * @description What a server counted for one call.
         */
        Units: {
            /**
             * Cache Write Tokens
             * @default 0
             */
            cache_write_tokens: number;
            /**
             * Cached Tokens
             * @default 0
             */
            cached_tokens: number;
            /**
             * Image Input Tokens
             * @default 0
             */
            image_input_tokens: number;
            /**
             * Image Output Tokens
             * @default 0
             */
            image_output_tokens: number;
            /**
             * Images
             * @default 0
             */
            images: number;
            /**
             * Input Tokens
             * @default 0
             */
            input_tokens: number;
            /**
             * Output Tokens
             * @default 0
             */
            output_tokens: number;
            /**
             * Seconds
             * @default 0
             */
            seconds: number;
        };
        /**
         * Video
         * @description A short clip of a turn. `url` and `poster` answer 200 exactly when `status` is `ready`.
         */
        Video: {
            /**
             * Alt
             * @description What the picture shows, in plain words.
             */
            alt: string;
            /** Duration S */
            duration_s: number;
            /** Height */
            height: number;
            /** Id */
            id: string;
            /**
             * Mime
             * @default video/mp4
             */
            mime: string;
            /**
             * Poster
             * @description A picture (WebP) that stands for it until it plays.
             */
            poster?: string | null;
            /**
             * Status
             * @enum {string}
             */
            status: "pending" | "ready" | "failed" | "off";
            /** Url */
            url: string | null;
            /** Width */
            width: number;
        };
        /**
         * VideoFailed
         * @description The clip of a turn will not come.
         */
        VideoFailed: {
            /** Code */
            code: string;
            /**
             * Turn
             * @description The turn it is about; -1 before the intro.
             */
            turn: number;
            /**
             * Type
             * @default video.failed
             * @constant
             */
            type: "video.failed";
            video: components["schemas"]["Video"];
        };
        /**
         * VideoReady
         * @description The clip of a turn is there.
         */
        VideoReady: {
            /**
             * Turn
             * @description The turn it is about; -1 before the intro.
             */
            turn: number;
            /**
             * Type
             * @default video.ready
             * @constant
             */
            type: "video.ready";
            video: components["schemas"]["Video"];
        };
        /**
         * WorldDetail
         * @description What may be known of a world before it is played.
         */
        WorldDetail: {
            /** Goal */
            goal: string;
            /** Id */
            id: string;
            /**
             * Is Default
             * @description Played when a request names no world.
             */
            is_default: boolean;
            /** Language */
            language: string;
            /** Picture Height */
            picture_height: number;
            /** Picture Width */
            picture_width: number;
            /**
             * Places
             * @description How many there are to be found.
             */
            places: number;
            /** Rating */
            rating: string;
            /**
             * Role
             * @description Who the player is.
             */
            role: string;
            /** Tagline */
            tagline: string;
            /**
             * Target Turns
             * @description How long a run tends to be.
             */
            target_turns: [
                number,
                number
            ];
            /** Title */
            title: string;
            /** Year */
            year: number;
        };
        /**
         * WorldList
         * @description The worlds of this server.
         */
        WorldList: {
            /** Items */
            items: components["schemas"]["WorldSummary"][];
        };
        /**
         * WorldSummary
         * @description A world as it is offered.
         */
        WorldSummary: {
            /** Id */
            id: string;
            /**
             * Is Default
             * @description Played when a request names no world.
             */
            is_default: boolean;
            /** Language */
            language: string;
            /** Rating */
            rating: string;
            /** Tagline */
            tagline: string;
            /** Title */
            title: string;
            /** Year */
            year: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
