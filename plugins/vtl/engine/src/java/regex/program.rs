//! A pattern as instructions for the machine.

use super::node::{Assertion, Fold, Greed, Node, One};

/// An instruction; addresses are places in the program, registers hold positions and counts.
#[derive(Debug)]
pub(super) enum Step {
    Match,
    /// Goes back to the last choice.
    Fail,
    One(One),
    Assert(Assertion),
    Jump(usize),
    /// Goes on at the next instruction, and at the address if that fails.
    Split(usize),
    /// Goes on at the address, and at the next instruction if that fails.
    SplitLast(usize),
    /// Remembers where a group starts.
    Open(usize),
    /// Captures a group, whose start the register tells.
    Close {
        group: usize,
        start: usize,
    },
    /// As many as there are between `min` and `max`.
    Repeat {
        one: One,
        min: u32,
        max: u32,
        greed: Greed,
    },
    BackReference(usize, Fold),
    /// Clears the two registers of a loop: its rounds, and where the last one began.
    LoopStart(usize),
    /// Goes into the loop, which follows, or to `exit`; where `strict`, a round beyond `min` that matches nothing fails.
    Loop {
        register: usize,
        min: u32,
        max: u32,
        lazy: bool,
        strict: bool,
        exit: usize,
    },
    LoopEnter(usize),
    /// Remembers the choices so far, and the position.
    Barrier(usize),
    /// Forgets the choices since the barrier; goes back to its position if `rewind`.
    Commit {
        register: usize,
        rewind: bool,
    },
    /// Tries the text before this position, at `min` to `max` characters; at `exit` where there is none, if negative.
    Behind {
        register: usize,
        min: usize,
        max: usize,
        negative: Option<usize>,
    },
    /// Goes on only where what the look-behind matched ends.
    BehindEnd(usize),
}

#[derive(Debug)]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    /// Groups that capture, the whole match among them.
    pub(super) groups: usize,
    /// Two for each group, then those of the loops and such.
    pub(super) registers: usize,
    /// What a match starts with, if that can be told.
    pub(super) first: Option<First>,
}

/// The characters that a match can start with.
#[derive(Debug, Clone, Copy)]
pub(super) struct First {
    pub(super) ascii: u128,
    pub(super) beyond: bool,
}

impl First {
    const NONE: Self = Self {
        ascii: 0,
        beyond: false,
    };

    fn of(one: &One) -> Self {
        match one {
            One::Any => Self {
                ascii: u128::MAX,
                beyond: true,
            },
            One::Char(c) if c.is_ascii() => Self {
                ascii: 1 << u32::from(*c),
                beyond: false,
            },
            One::Char(_) => Self {
                ascii: 0,
                beyond: true,
            },
            One::Set(set) => Self {
                ascii: set.ascii(),
                beyond: true,
            },
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            ascii: self.ascii | other.ascii,
            beyond: self.beyond || other.beyond,
        }
    }

    /// Of a node; `None` where it can match nothing at all, or where that is not worth to find out.
    fn find(node: &Node) -> Option<Self> {
        match node {
            Node::One(one) => Some(Self::of(one)),
            Node::Group(_, node) | Node::Atomic(node) => Self::find(node),
            Node::Alternate(nodes) => nodes
                .iter()
                .try_fold(Self::NONE, |all, node| Some(all.or(Self::find(node)?))),
            Node::Repeat { node, min: 1.., .. } => Self::find(node),
            Node::Concat(nodes) => Self::find_first(nodes),
            _ => None,
        }
    }

    fn find_first(nodes: &[Node]) -> Option<Self> {
        let mut all = Self::NONE;
        for node in nodes {
            match node {
                Node::Assert(_) | Node::Ahead { .. } | Node::Behind { .. } => {}
                Node::Repeat { node, min: 0, .. } if node.width().min > 0 => all = all.or(Self::find(node)?),
                _ => return Self::find(node).map(|first| all.or(first)),
            }
        }
        None
    }
}

pub(super) fn compile(node: &Node, groups: usize) -> Program {
    let mut compiler = Compiler {
        steps: Vec::new(),
        registers: groups * 2,
    };
    compiler.node(node);
    compiler.steps.push(Step::Match);
    Program {
        steps: compiler.steps,
        groups,
        registers: compiler.registers,
        first: First::find(node),
    }
}

/// What a round of a loop may match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rounds {
    /// Something always, so that an endless loop needs no counting.
    Moving,
    /// Nothing, which Java takes back where the group can match in one way only.
    Strict,
    /// Nothing, which ends the loop.
    Empty,
}

struct Compiler {
    steps: Vec<Step>,
    registers: usize,
}

impl Compiler {
    fn node(&mut self, node: &Node) {
        match node {
            Node::Empty => {}
            Node::One(one) => self.steps.push(Step::One(one.clone())),
            Node::Assert(assertion) => self.steps.push(Step::Assert(*assertion)),
            Node::Concat(nodes) => nodes.iter().for_each(|node| self.node(node)),
            Node::Alternate(nodes) => self.alternate(nodes),
            Node::Group(None, node) => self.node(node),
            Node::Group(Some(group), node) => {
                let start = self.register();
                self.steps.push(Step::Open(start));
                self.node(node);
                self.steps.push(Step::Close { group: *group, start });
            }
            Node::Repeat {
                node,
                min,
                max,
                greed,
            } => self.repeat(node, *min, *max, *greed),
            Node::BackReference(group, fold) => self.steps.push(Step::BackReference(*group, *fold)),
            Node::Atomic(node) => self.atomic(|own| own.node(node), false),
            Node::Ahead {
                node,
                negative: false,
            } => self.atomic(|own| own.node(node), true),
            Node::Ahead { node, negative: true } => self.not_ahead(node),
            Node::Behind {
                node,
                negative,
                min,
                max,
            } => self.behind(node, *negative, *min, *max),
        }
    }

    fn register(&mut self) -> usize {
        self.registers += 1;
        self.registers - 1
    }

    fn here(&self) -> usize {
        self.steps.len()
    }

    /// Adds an instruction whose address [`set`](Self::set) fills in.
    fn push(&mut self, step: Step) -> usize {
        self.steps.push(step);
        self.here() - 1
    }

    /// Points the instruction at `place` to what comes next.
    fn set(&mut self, place: usize) {
        let here = self.here();
        if let Some(
            Step::Jump(to)
            | Step::Split(to)
            | Step::SplitLast(to)
            | Step::Loop { exit: to, .. }
            | Step::Behind {
                negative: Some(to), ..
            },
        ) = self.steps.get_mut(place)
        {
            *to = here;
        }
    }

    fn alternate(&mut self, nodes: &[Node]) {
        let mut ends = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            if index + 1 == nodes.len() {
                self.node(node);
                break;
            }
            let split = self.push(Step::Split(0));
            self.node(node);
            ends.push(self.push(Step::Jump(0)));
            self.set(split);
        }
        ends.into_iter().for_each(|end| self.set(end));
    }

    fn repeat(&mut self, node: &Node, min: u32, max: Option<u32>, greed: Greed) {
        if let Node::One(one) = node {
            let max = max.unwrap_or(u32::MAX);
            return self.steps.push(Step::Repeat {
                one: one.clone(),
                min,
                max,
                greed,
            });
        }
        match greed {
            // Each round for itself is possessive, too.
            Greed::Possessive => self.atomic(
                |own| {
                    own.rounds(min, max, false, Rounds::Empty, |own| {
                        own.atomic(|own| own.node(node), false)
                    })
                },
                false,
            ),
            _ => {
                let rounds = match node.width() {
                    width if width.min > 0 => Rounds::Moving,
                    width if width.determined && matches!(node, Node::Group(..)) => Rounds::Strict,
                    _ => Rounds::Empty,
                };
                self.rounds(min, max, greed == Greed::Lazy, rounds, |own| own.node(node));
            }
        }
    }

    fn rounds(
        &mut self,
        min: u32,
        max: Option<u32>,
        lazy: bool,
        rounds: Rounds,
        body: impl FnOnce(&mut Self),
    ) {
        let split = |to| {
            if lazy {
                Step::SplitLast(to)
            } else {
                Step::Split(to)
            }
        };
        match (min, max) {
            (0, Some(1)) => {
                let choice = self.push(split(0));
                body(self);
                self.set(choice);
            }
            (0, None) if rounds == Rounds::Moving => {
                let choice = self.push(split(0));
                body(self);
                self.steps.push(Step::Jump(choice));
                self.set(choice);
            }
            (1, None) if rounds == Rounds::Moving => {
                let start = self.here();
                body(self);
                self.steps.push(if lazy {
                    Step::Split(start)
                } else {
                    Step::SplitLast(start)
                });
            }
            _ => self.counted(min, max, lazy, rounds == Rounds::Strict, body),
        }
    }

    fn counted(
        &mut self,
        min: u32,
        max: Option<u32>,
        lazy: bool,
        strict: bool,
        body: impl FnOnce(&mut Self),
    ) {
        let register = self.register();
        self.register();
        self.steps.push(Step::LoopStart(register));
        let test = self.push(Step::Loop {
            register,
            min,
            max: max.unwrap_or(u32::MAX),
            lazy,
            strict,
            exit: 0,
        });
        self.steps.push(Step::LoopEnter(register));
        body(self);
        self.steps.push(Step::Jump(test));
        self.set(test);
    }

    fn atomic(&mut self, body: impl FnOnce(&mut Self), rewind: bool) {
        let register = self.register();
        self.register();
        self.steps.push(Step::Barrier(register));
        body(self);
        self.steps.push(Step::Commit { register, rewind });
    }

    fn not_ahead(&mut self, node: &Node) {
        let register = self.register();
        self.register();
        self.steps.push(Step::Barrier(register));
        let choice = self.push(Step::Split(0));
        self.node(node);
        self.steps.push(Step::Commit {
            register,
            rewind: true,
        });
        self.steps.push(Step::Fail);
        self.set(choice);
    }

    fn behind(&mut self, node: &Node, negative: bool, min: usize, max: Option<usize>) {
        let Some(max) = max else {
            if !negative {
                self.steps.push(Step::Fail);
            }
            return;
        };
        let register = self.register();
        self.register();
        let exit = negative.then_some(0);
        let start = self.push(Step::Behind {
            register,
            min,
            max,
            negative: exit,
        });
        self.node(node);
        self.steps.push(Step::BehindEnd(register));
        self.steps.push(Step::Commit {
            register,
            rewind: true,
        });
        if negative {
            self.steps.push(Step::Fail);
        }
        self.set(start);
    }
}
